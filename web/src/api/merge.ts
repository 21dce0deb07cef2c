import type { History, Series } from "./types.ts";

type Value = number | null;

/** Joins a history with its newer tail, which wins where both speak; drops what is older. */
export function mergeTail(base: History, tail: History, oldest: number): History {
  const since = tail.times[0] ?? Number.POSITIVE_INFINITY;
  const kept = base.times.filter((time) => time > oldest && time < since);
  const skipped = base.times.findIndex((time) => time > oldest);
  const added = tail.times.filter((time) => time > oldest);
  const dropped = tail.times.length - added.length;
  const first = skipped < 0 ? base.times.length : skipped;
  return {
    ...base,
    end: tail.end,
    start: Math.max(base.start, oldest),
    times: [...kept, ...added],
    series: joined(base.series, tail.series, (old, late) => [
      ...part(old, first, kept.length),
      ...part(late, dropped, added.length),
    ]),
  };
}

function joined(
  old: Series[],
  late: Series[],
  join: (old: Value[] | undefined, late: Value[] | undefined) => Value[],
): Series[] {
  const later = new Map(late.map((series) => [identity(series), series]));
  const earlier = new Set(old.map(identity));
  return [
    ...old.map((series) => ({
      ...series,
      values: join(series.values, later.get(identity(series))?.values),
    })),
    ...late
      .filter((series) => !earlier.has(identity(series)))
      .map((series) => ({ ...series, values: join(undefined, series.values) })),
  ];
}

/** A series that one side lacks has gaps there, not zeros. */
function part(values: Value[] | undefined, from: number, count: number): Value[] {
  return values ? values.slice(from, from + count) : new Array<Value>(count).fill(null);
}

function identity(series: Series): string {
  return JSON.stringify(Object.entries(series.labels).sort());
}
