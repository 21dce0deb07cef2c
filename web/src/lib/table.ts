/** What a chart or a table shows, as a file that other programs read. */

export type Cell = string | number | null;

export interface Sheet {
  columns: string[];
  rows: Cell[][];
}

/** Writes CSV as RFC 4180 has it; what is unknown is empty. */
export function toCsv({ columns, rows }: Sheet): string {
  return `${[columns, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

function cell(value: Cell): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  // A spreadsheet would run text that begins like a formula.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One row per time, one column per line. */
export function sheetOf(
  times: number[],
  lines: { name: string; values: (number | null)[] }[],
): Sheet {
  return {
    columns: ["time", ...lines.map(({ name }) => name)],
    rows: times.map((time, index) => [
      new Date(time * 1000).toISOString(),
      ...lines.map(({ values }) => values[index] ?? null),
    ]),
  };
}

/** A name that every file system takes. */
export function fileName(title: string, ending: string): string {
  const plain = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return `${plain.slice(0, 60) || "watchroom"}.${ending}`;
}
