import type { DrawnLine } from "./plot.ts";
import { type Line, stackUp } from "./series.ts";

type Value = number | null;

/** What a chart draws, from the back to the front: the past, the lines, their trends. */
export function layersOf(
  lines: Line[],
  colors: Map<string, string>,
  alone: string | null,
  stacked: boolean,
): { drawn: DrawnLine[]; values: Value[][] } {
  const drawn: DrawnLine[] = [];
  const values: Value[][] = [];
  const add = ({ name }: Line, kind: DrawnLine["kind"], layer: Value[]) => {
    const color = colors.get(name) ?? "--series-1";
    drawn.push({ name, color, shown: alone === null || alone === name, kind });
    values.push(layer);
  };
  for (const line of lines) if (line.past && !stacked) add(line, "past", line.past);
  const own = stacked ? stacks(lines, alone) : lines.map((line) => line.values);
  lines.forEach((line, index) => {
    add(line, "own", own[index] ?? []);
  });
  for (const line of lines) if (line.trend && !stacked) add(line, "trend", line.trend.values);
  return { drawn, values };
}

/** A line alone stands on the ground. */
function stacks(lines: Line[], alone: string | null): Value[][] {
  if (alone !== null) return lines.map(({ values }) => values);
  return stackUp(lines.map(({ values }) => values));
}
