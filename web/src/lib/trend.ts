/** The straight line through a curve. */

import { type Unit, written } from "./format.ts";

type Value = number | null;

export interface Trend {
  /** Change per second. */
  slope: number;
  /** The line's value at each of the times given, from the first known value to the last. */
  values: Value[];
}

const LEAST_POINTS = 3;

/** Fits a line by least squares to the known values; null where fewer than three are known. */
export function trendOf(times: number[], values: Value[]): Trend | null {
  const known = times.flatMap((time, index) => {
    const value = values[index];
    return typeof value === "number" ? [{ time, value }] : [];
  });
  if (known.length < LEAST_POINTS) return null;
  // Around the means: the epoch's large numbers squared would lose all digits.
  const time = mean(known.map((each) => each.time));
  const value = mean(known.map((each) => each.value));
  const spread = sum(known.map((each) => (each.time - time) ** 2));
  if (spread === 0) return null;
  const slope = sum(known.map((each) => (each.time - time) * (each.value - value))) / spread;
  const [first, last] = [known[0]?.time ?? 0, known.at(-1)?.time ?? 0];
  // Beyond what is known it would be a forecast.
  const within = (each: number) => each >= first && each <= last;
  return {
    slope,
    values: times.map((each) => (within(each) ? value + slope * (each - time) : null)),
  };
}

/** Less change over the window than this share of the mean is none. */
const LEVEL = 0.01;

/** Says a slope in words: "rising 1.2 MB per hour", "level". */
export function sayTrend({ slope, values }: Trend, length: number, unit: Unit): string {
  const size = mean(values.flatMap((value) => (value === null ? [] : [Math.abs(value)])));
  if (Math.abs(slope) * length <= LEVEL * size) return "level";
  const [seconds, name] = length > 2 * 86_400 ? [86_400, "day"] : [3600, "hour"];
  const change = written(Math.abs(slope) * seconds, unit);
  return `${slope > 0 ? "rising" : "falling"} ${change} per ${name}`;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: number[]): number {
  return values.length > 0 ? sum(values) / values.length : 0;
}
