/** Two periods beside each other: how far apart, on one axis, and what changed. */

import { nameDuration, parseDuration } from "./range.ts";

type Value = number | null;

/** The distances offered beside the period before. */
export const DISTANCES = ["1h", "1d", "7d", "28d"] as const;

/**
 * Returns how many seconds earlier the other period lies; 0 where nothing is compared. It is a
 * multiple of the step, so that both periods have their points at the same places.
 */
export function shiftOf(compare: string, length: number, step: number): number {
  if (!compare) return 0;
  const distance = compare === "previous" ? length : (parseDuration(compare) ?? 0);
  return Math.ceil(distance / step - 1e-9) * step;
}

/** Lays the values of an earlier period on the times of this one; what is unknown is a gap. */
export function besides(
  times: number[],
  past: { times: number[]; values: Value[] },
  shift: number,
): Value[] {
  const place = new Map(past.times.map((time, index) => [toKey(time + shift), index]));
  return times.map((time) => {
    const index = place.get(toKey(time));
    return index === undefined ? null : (past.values[index] ?? null);
  });
}

/** Milliseconds: finer than any step, and the same for sums that floats round apart. */
function toKey(seconds: number): number {
  return Math.round(seconds * 1000);
}

/**
 * The change of the mean as a share of the earlier one, over the places where both are known; null
 * where there are none, infinite where the earlier one is zero.
 */
export function changeOf(values: Value[], past: Value[]): number | null {
  let [now, then, count] = [0, 0, 0];
  values.forEach((value, index) => {
    const other = past[index];
    if (value === null || typeof other !== "number") return;
    now += value;
    then += other;
    count += 1;
  });
  if (count === 0) return null;
  if (then === 0) return now === 0 ? 0 : Number.POSITIVE_INFINITY;
  return (now - then) / Math.abs(then);
}

/** Writes a change: "+12 %", "−3.4 %", "±0 %", "12 times". */
export function writeChange(change: number | null): string {
  if (change === null) return "";
  if (!Number.isFinite(change)) return "was 0";
  const percent = Math.abs(change) * 100;
  if (percent < 0.05) return "±0 %";
  if (change >= 9) return `${Math.round(change + 1).toLocaleString("en-US")} times`;
  const digits = percent >= 9.95 ? percent.toFixed(0) : percent.toFixed(1);
  return `${change > 0 ? "+" : "−"}${digits} %`;
}

const WHOLE: Record<number, string> = { 3600: "an hour", 86400: "a day", 604800: "a week" };

/** Says what is compared with, after "compared with": "the previous 15 minutes". */
export function nameCompare(compare: string, range: string | null): string {
  if (compare === "previous")
    return range ? `the previous ${nameDuration(range)}` : "the period before";
  const seconds = parseDuration(compare);
  const whole = WHOLE[seconds ?? 0];
  if (whole) return `${whole} earlier`;
  return seconds ? `${nameDuration(compare)} earlier` : "";
}
