/** Durations such as 15m and 7d, and the steps that fit them. Seconds throughout. */

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

export const RANGES = ["5m", "15m", "1h", "6h", "24h", "7d", "30d", "90d"] as const;
export const DEFAULT_RANGE = "15m";

const STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** Returns the seconds of a duration such as 90m, or null where it is none. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+)\s*([smhdw])$/.exec(text.trim());
  if (!match?.[1] || !match[2]) return null;
  const seconds = Number(match[1]) * (SECONDS[match[2]] ?? 0);
  return seconds > 0 ? seconds : null;
}

/** Writes seconds in the largest unit that leaves a whole number: 5400 is 90m. */
export function writeDuration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  const unit = ["d", "h", "m"].find((each) => whole % (SECONDS[each] ?? 1) === 0);
  // 24h reads better than 1d beside 6h, and is how the picker writes it.
  if (whole === 86_400) return "24h";
  return unit ? `${whole / (SECONDS[unit] ?? 1)}${unit}` : `${whole}s`;
}

/** Returns the finest round step that keeps a range within a number of points. */
export function stepFor(seconds: number, points = 240): number {
  const least = seconds / points;
  return STEPS.find((step) => step >= least) ?? Math.ceil(least / 86_400) * 86_400;
}

/** A chart of fewer steps than this says nothing. */
const LEAST_STEPS = 24;

/**
 * Returns where a live window starts: with the first data where that began within it, so that
 * the first minutes fill the chart.
 */
export function startOf(to: number, length: number, beginning: number | null): number {
  const whole = to - length;
  if (beginning === null || beginning <= whole) return whole;
  return Math.max(whole, Math.min(beginning, to - LEAST_STEPS * stepFor(length)));
}

/** Returns how many whole minutes of a live range hold data: a rate over empty ones would be low. */
export function coveredRange(range: string, now: number, beginning: number | null): string {
  const length = parseDuration(range);
  if (length === null || beginning === null) return range;
  const covered = Math.max(1, Math.ceil((now - beginning) / 60)) * 60;
  return covered < length ? writeDuration(covered) : range;
}

/** Returns how often data of a step is worth asking for again. */
export function refreshFor(step: number): number {
  return Math.min(60, Math.max(5, step));
}

const NAMES: Record<string, string> = {
  s: "second",
  m: "minute",
  h: "hour",
  d: "day",
  w: "week",
};

/** Says a range in words: "Last 15 minutes". */
export function nameRange(range: string): string {
  return `Last ${nameDuration(range)}`;
}

/** Says a duration in words: "15 minutes", "hour". */
export function nameDuration(text: string): string {
  const count = Number.parseInt(text, 10);
  const name = NAMES[text.at(-1) ?? ""] ?? "";
  return count === 1 ? name : `${count} ${name}s`;
}
