import type { History, Series } from "@/api/types.ts";
import { OTHERS, SERIES_LIMIT } from "./palette.ts";

type Value = number | null;

/** More lines than this the server does not split a metric into, nor could anybody tell apart. */
export const MOST_SPLIT = 150;

export interface Line {
  name: string;
  values: Value[];
}

/** How the series past the limit become one; null where their kind cannot be joined. */
export type Joining = "sum" | null;

/** Turns series into named lines: the largest by their latest mean, the others joined or left out. */
export function linesOf(history: History, label: string | undefined, joining: Joining): Line[] {
  const lines = history.series.map((series) => ({
    name: nameOf(series, label),
    values: series.values,
  }));
  if (lines.length <= SERIES_LIMIT) return lines.toSorted(byName);
  const ranked = lines.toSorted((a, b) => mean(b.values) - mean(a.values));
  const top = ranked.slice(0, SERIES_LIMIT).sort(byName);
  if (joining === null) return top;
  return [
    ...top,
    { name: OTHERS, values: sumOf(ranked.slice(SERIES_LIMIT), history.times.length) },
  ];
}

function nameOf(series: Series, label: string | undefined): string {
  if (label && series.labels[label]) return series.labels[label];
  return Object.values(series.labels).join(" ");
}

function byName(a: Line, b: Line): number {
  return a.name.localeCompare(b.name);
}

function mean(values: Value[]): number {
  const known = values.filter((value) => value !== null);
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : 0;
}

/** A time where none is known stays a gap. */
function sumOf(lines: Line[], count: number): Value[] {
  return Array.from({ length: count }, (_, index) => {
    const known = lines
      .map(({ values }) => values[index] ?? null)
      .filter((value) => value !== null);
    return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) : null;
  });
}

export interface Plotted {
  times: number[];
  lines: Line[];
}

/** Lays lines of several histories on one axis of time. */
export function align(parts: { history: History; name: string }[]): Plotted {
  const times = [...new Set(parts.flatMap(({ history }) => history.times))].sort((a, b) => a - b);
  const place = new Map(times.map((time, index) => [time, index]));
  const lines = parts.map(({ history, name }) => {
    const values = new Array<Value>(times.length).fill(null);
    history.times.forEach((time, index) => {
      values[place.get(time) ?? 0] = history.series[0]?.values[index] ?? null;
    });
    return { name, values };
  });
  return { times, lines };
}

/** The values of all lines at one place, largest first; what is unknown is left out. */
export function valuesAt(lines: Line[], index: number): { name: string; value: number }[] {
  return lines
    .flatMap(({ name, values }) => {
      const value = values[index];
      return typeof value === "number" ? [{ name, value }] : [];
    })
    .sort((a, b) => b.value - a.value);
}

/** The places of values with a gap on both sides. */
export function lonely(values: ArrayLike<number | null | undefined>): number[] {
  const absent = (index: number) => values[index] === null || values[index] === undefined;
  return Array.from({ length: values.length }, (_, index) => index).filter(
    (index) => !absent(index) && absent(index - 1) && absent(index + 1),
  );
}
