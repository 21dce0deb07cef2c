/** Geometry of true histograms on log-spaced edges. */

/** Where a value lies between the outer edges, 0 to 1, on a log axis; linear where edges reach zero. */
export function placeOf(value: number, bounds: number[]): number {
  const low = bounds[0] ?? 0;
  const high = bounds.at(-1) ?? 1;
  if (high <= low) return 0;
  if (low <= 0) return (value - low) / (high - low);
  return Math.log(Math.max(value, low) / low) / Math.log(high / low);
}

/** Round marks 1, 2, 5 × 10^n that lie within the edges, thinned to a number. */
export function logMarks(bounds: number[], most = 8): number[] {
  const low = bounds[0] ?? 0;
  const high = bounds.at(-1) ?? 0;
  if (low <= 0 || high <= low) return linearMarks(low, high, most);
  for (const steps of [[1, 2, 5], [1, 3], [1]]) {
    const marks = marksOf(low, high, steps);
    if (marks.length <= most && marks.length > 0) return marks;
  }
  return marksOf(low, high, [1]);
}

function marksOf(low: number, high: number, steps: number[]): number[] {
  const marks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    for (const step of steps) {
      const mark = step * 10 ** power;
      if (mark >= low && mark <= high) marks.push(mark);
    }
  }
  return marks;
}

/** Round marks at equal distances. */
export function linearMarks(low: number, high: number, most = 6): number[] {
  const raw = (high - low) / most;
  if (!(raw > 0)) return [];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((each) => each * power >= raw) ?? 10) * power;
  const marks: number[] = [];
  for (let mark = Math.ceil(low / step) * step; mark <= high; mark += step) marks.push(mark);
  return marks;
}

/** The bin under a place from 0 to 1. */
export function binAt(place: number, bounds: number[]): number {
  const edges = bounds.map((bound) => placeOf(bound, bounds));
  const found = edges.findIndex((edge) => edge > place);
  return Math.min(bounds.length - 2, Math.max(0, (found < 0 ? bounds.length - 1 : found) - 1));
}
