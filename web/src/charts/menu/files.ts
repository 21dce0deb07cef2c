import type { Unit } from "@/lib/format.ts";
import { type Sheet, sheetOf } from "@/lib/table.ts";
import type { Heat } from "../heat.ts";
import type { Line } from "../series.ts";

/** What a chart or a table shows, for a file. */
export interface Shown {
  unit: Unit | string;
  times: number[];
  lines: Line[];
  /** What an earlier period's columns are called after: "the previous 15 minutes". */
  earlier?: string;
  /** Rows of their own, in place of times and lines. */
  sheet?: Sheet;
  /** A table has no picture. */
  plain?: boolean;
}

/** The columns of a chart: its lines, then those they are compared with. */
export function sheetOfShown({ sheet, times, lines, earlier = "earlier" }: Shown): Sheet {
  if (sheet) return sheet;
  const pasts = lines.flatMap(({ name, past }) =>
    past ? [{ name: `${name} (${earlier})`, values: past }] : [],
  );
  return sheetOf(times, [...lines, ...pasts]);
}

/** A distribution over time: one row per time, one column per bin. */
export function sheetOfDistribution({ times, bounds, counts }: Heat): Sheet {
  const bins = bounds.slice(1).map((upper, index) => `${bounds[index]}–${upper}`);
  return {
    columns: ["time", ...bins],
    rows: times.map((time, index) => [
      new Date(time * 1000).toISOString(),
      ...bins.map((_, bin) => counts[index]?.[bin] ?? 0),
    ]),
  };
}

export function jsonOf(title: string, shown: Shown): string {
  const { unit, times, lines, earlier, sheet } = shown;
  if (sheet) {
    const rows = sheet.rows.map((row) =>
      Object.fromEntries(sheet.columns.map((column, index) => [column, row[index] ?? null])),
    );
    return JSON.stringify({ title, unit, rows }, null, 2);
  }
  const series = lines.map(({ name, values, past }) => ({ name, values, ...(past && { past }) }));
  const compared = earlier ? { compared_with: earlier } : {};
  return JSON.stringify({ title, unit, ...compared, times, series }, null, 2);
}

/** Hands a file to the browser. */
export function save(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The download has its own hold on the content by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
