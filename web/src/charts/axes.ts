import { minuteOfDay, type Scale, timeOfDay, mark as writeMark } from "@/lib/format.ts";

/** The top of an axis from zero: above all values and the threshold, with room to breathe. */
export function axisTop(values: (number | null)[][], threshold: number | null): number {
  let high = 0;
  for (const line of values)
    for (const value of line) if (value !== null && value > high) high = value;
  // A threshold far above the data would flatten it; near, it is part of the picture.
  if (threshold !== null && (high === 0 || threshold <= high * 3)) high = Math.max(high, threshold);
  return high > 0 ? high * 1.12 : 1;
}

/** The lowest value of an axis that may go below zero. */
export function axisBottom(values: (number | null)[][]): number {
  let low = 0;
  for (const line of values)
    for (const value of line) if (value !== null && value < low) low = value;
  return low < 0 ? low * 1.12 : 0;
}

/** The range of values whose zero says little, such as R²: what there is, with air around it. */
export function fittedRange(
  values: (number | null)[][],
  threshold: number | null,
): [number, number] {
  let [low, high] = threshold === null ? [Infinity, -Infinity] : [threshold, threshold];
  for (const line of values) {
    for (const value of line) {
      if (value !== null && value < low) low = value;
      if (value !== null && value > high) high = value;
    }
  }
  if (low > high) return [0, 1];
  const air = Math.max((high - low) * 0.15, 0.02);
  return [low - air, high + air];
}

export function writeMarks(marks: (number | null)[], factor = 1): string[] {
  // The product of a round mark and a power of ten is round, but for the last bits.
  return marks.map((mark) =>
    mark === null ? "" : writeMark(Number((mark * factor).toPrecision(12))),
  );
}

/** The range of a logarithmic axis: whole powers of ten around all values above zero. */
export function logRange(values: (number | null)[][]): [number, number] {
  let [low, high] = [Infinity, 0];
  for (const line of values) {
    for (const value of line) {
      if (value === null || value <= 0) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (high === 0) return [0.1, 10];
  const bottom = 10 ** Math.floor(Math.log10(low));
  const top = 10 ** Math.ceil(Math.log10(high));
  return [bottom, top > bottom ? top : bottom * 10];
}

/** Distances of marks that are round in the unit they are written in. */
export function roundSteps({ factor }: Scale): number[] {
  const steps: number[] = [];
  for (let power = -12; power <= 15; power += 1)
    for (const each of [1, 2, 2.5, 5]) steps.push((each * 10 ** power) / factor);
  return steps;
}

const MINUTE_MARK = 46;
const SECOND_MARK = 70;

/** The least distance of marks on a time axis, in pixels: those with seconds are wider. */
export function markSpace(seconds: number, width: number): number {
  const perMinute = (width * 60) / seconds;
  return Math.max(MINUTE_MARK, Math.min(SECOND_MARK, perMinute - 1));
}

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** Labels of a time axis: the day only where it changes. */
export function writeTimes(marks: number[], gap: number): string[] {
  return marks.map((mark, index) => {
    const day = DAY.format(mark * 1000);
    const before = marks[index - 1];
    const turns = before !== undefined && DAY.format(before * 1000) !== day;
    if (gap >= 86_400 || (turns && minuteOfDay(mark) === "00:00")) return day;
    return gap < 60 ? timeOfDay(mark) : minuteOfDay(mark);
  });
}
