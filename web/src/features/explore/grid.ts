import { parseDuration, stepFor, writeDuration } from "@/lib/range.ts";

/** Where the points of an answer lie, in seconds. */
export interface Grid {
  from: number;
  to: number;
  step: number;
}

/** Points of one series: more the server refuses, and no screen shows. */
export const MOST_POINTS = 11_000;

/** Points on whole steps, so that a later question has the same ones. */
export function gridOf(from: number, to: number, chosen: string): Grid {
  const step = parseDuration(chosen) ?? stepFor(to - from);
  return { from: Math.ceil(from / step) * step, to: Math.floor(to / step) * step, step };
}

export function pointsOf({ from, to, step }: Grid): number {
  return Math.max(0, Math.floor((to - from) / step + 1e-9)) + 1;
}

export function timesOf(grid: Grid): number[] {
  return Array.from({ length: pointsOf(grid) }, (_, index) => grid.from + index * grid.step);
}

/** Says why a grid has too many points and what would be right; null where it has not. */
export function tooFine(grid: Grid): string | null {
  const points = pointsOf(grid);
  if (points <= MOST_POINTS) return null;
  const fitting = writeDuration(stepFor(grid.to - grid.from, MOST_POINTS));
  return `A step of ${writeDuration(grid.step)} makes ${points.toLocaleString("en-US")} points of this window, more than 11,000. Take a step of ${fitting} or more.`;
}

/** The places a series has values at; what is no number is a gap. */
export function valuesOn(grid: Grid, points: [number, string][]): (number | null)[] {
  const values = new Array<number | null>(pointsOf(grid)).fill(null);
  for (const [time, text] of points) {
    const place = Math.round((time - grid.from) / grid.step);
    const value = Number(text);
    if (place >= 0 && place < values.length && Number.isFinite(value)) values[place] = value;
  }
  return values;
}
