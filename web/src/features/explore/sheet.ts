import type { Sheet } from "@/lib/table.ts";
import type { Row } from "./answers.ts";
import { written } from "./names.ts";

/** The table as a file: a column for each label. */
export function sheetOfRows(rows: Row[]): Sheet {
  const labels = [...new Set(rows.flatMap((row) => Object.keys(row.labels)))].sort();
  const compared = rows.some(({ past }) => past !== null);
  return {
    columns: ["query", "series", ...labels, "value", ...(compared ? ["earlier"] : [])],
    rows: rows.map((row) => [
      row.query,
      written(row.labels),
      ...labels.map((label) => row.labels[label] ?? null),
      finite(row.value),
      ...(compared ? [finite(row.past)] : []),
    ]),
  };
}

/** JSON has no word for what is no number, so that it stands as text. */
function finite(value: number | null): number | string | null {
  return value === null || Number.isFinite(value)
    ? value
    : String(value).replace("Infinity", "Inf");
}
