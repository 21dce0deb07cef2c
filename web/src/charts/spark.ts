type Value = number | null;

export interface SparkShape {
  path: string;
  /** Where the last value is, 0 to 1 of each side; null where there is none. */
  last: { x: number; y: number } | null;
}

/** The line of a sparkline in a box of 100 × 20; gaps stay gaps. */
export function sparkShape(values: Value[]): SparkShape {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return { path: "", last: null };
  const high = Math.max(...known);
  const low = Math.min(0, ...known);
  const span = high - low || 1;
  const x = (index: number) => (values.length > 1 ? (index / (values.length - 1)) * 100 : 100);
  const y = (value: number) => 19 - ((value - low) / span) * 18;
  let pen = false;
  let path = "";
  values.forEach((value, index) => {
    if (value !== null) path += `${pen ? "L" : "M"}${x(index).toFixed(2)} ${y(value).toFixed(2)}`;
    pen = value !== null;
  });
  const end = values.findLastIndex((value) => value !== null);
  const value = values[end] ?? 0;
  return { path, last: { x: x(end) / 100, y: y(value) / 20 } };
}
