import type { History, Series } from "@/api/types.ts";
import { besides } from "@/lib/compare.ts";
import { type Trend, trendOf } from "@/lib/trend.ts";
import { OTHERS, SERIES_LIMIT } from "./palette.ts";

type Value = number | null;

/** More lines than this the server does not split a metric into, nor could anybody tell apart. */
export const MOST_SPLIT = 150;

export interface Line {
  name: string;
  values: Value[];
  /** The same of an earlier period, at the places of these values. */
  past?: Value[];
  trend?: Trend | null;
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

/** Lays the lines of several charts on one axis of time. */
export function together(parts: Plotted[]): Plotted {
  const times = [...new Set(parts.flatMap((part) => part.times))].sort((a, b) => a - b);
  const lines = parts.flatMap((part) =>
    part.lines.map(({ name, values, past }) => ({
      name,
      values: besides(times, { times: part.times, values }, 0),
      ...(past && { past: besides(times, { times: part.times, values: past }, 0) }),
    })),
  );
  return { times, lines };
}

/** Puts beside each line what the history of an earlier period says of it. */
export function withPast(
  plotted: Plotted,
  past: History | null,
  label: string | undefined,
  shift: number,
): Plotted {
  if (!past) return plotted;
  const named = new Set(plotted.lines.map(({ name }) => name));
  const all = past.series.map((series) => ({ name: nameOf(series, label), values: series.values }));
  const valuesOf = (name: string) => {
    if (!label) return all[0]?.values;
    if (name !== OTHERS) return all.find((each) => each.name === name)?.values;
    return sumOf(
      all.filter((each) => !named.has(each.name)),
      past.times.length,
    );
  };
  const lines = plotted.lines.map((line) => {
    const values = valuesOf(line.name) ?? [];
    return { ...line, past: besides(plotted.times, { times: past.times, values }, shift) };
  });
  return { ...plotted, lines };
}

export function withTrends({ times, lines }: Plotted): Plotted {
  const fitted = lines.map((line) => ({ ...line, trend: trendOf(times, line.values) }));
  return { times, lines: fitted };
}

/** Lays each line upon those before it; where none of them is known stays a gap. */
export function stackUp(lines: Value[][]): Value[][] {
  const sums = new Array<Value>(lines[0]?.length ?? 0).fill(null);
  return lines.map((values) => {
    values.forEach((value, index) => {
      if (value !== null) sums[index] = (sums[index] ?? 0) + value;
    });
    return [...sums];
  });
}

export interface Reading {
  name: string;
  value: number;
  past: number | null;
}

/** The values of all lines at one place, largest first; what is unknown is left out. */
export function valuesAt(lines: Line[], index: number): Reading[] {
  return lines
    .flatMap(({ name, values, past }) => {
      const value = values[index];
      return typeof value === "number" ? [{ name, value, past: past?.[index] ?? null }] : [];
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
