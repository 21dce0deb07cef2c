/** Colours of series: safe for colour-blind eyes, the same for a name wherever it appears. */

export const SERIES_LIMIT = 5;

/** Colours there are: five that are told apart at a glance, ten where many lines are drawn. */
const ALL_COLORS = 10;

const QUANTILES: Record<string, string> = { p50: "--tone-1", p95: "--tone-2", p99: "--tone-3" };

/**
 * Gives each name a colour variable: its own by its letters, the next free one when taken.
 * `single` says that the line is the metric itself, not one of several by name.
 */
export function assignColors(names: string[], single = false): Map<string, string> {
  const taken = new Set<number>();
  const own = names.filter((name) => name !== OTHERS).length;
  const count = own > SERIES_LIMIT ? ALL_COLORS : SERIES_LIMIT;
  const colors = new Map<string, string>();
  const [only, ...more] = names;
  if (only !== undefined && more.length === 0 && single) return colors.set(only, "--series-1");
  for (const name of [...names].sort()) {
    const tone = QUANTILES[name];
    if (tone) colors.set(name, tone);
    else if (name === OTHERS) colors.set(name, "--series-rest");
    else colors.set(name, `--series-${claim(name, taken, count) + 1}`);
  }
  return colors;
}

export const OTHERS = "others";

function claim(name: string, taken: Set<number>, count: number): number {
  if (taken.size === count) taken.clear();
  let slot = hash(name) % count;
  while (taken.has(slot)) slot = (slot + 1) % count;
  taken.add(slot);
  return slot;
}

function hash(text: string): number {
  let value = 2166136261;
  for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 16777619);
  return value >>> 0;
}

/** Reads a colour of the theme in force. */
export function themeColor(variable: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}

/** Viridis at six stops, dark to light. */
const VIRIDIS = [
  [68, 1, 84],
  [65, 68, 135],
  [42, 120, 142],
  [34, 168, 132],
  [122, 209, 81],
  [253, 231, 37],
] as const;

/** The colour of a share from 0 to 1 on a scale that grows evenly to the eye. */
export function viridis(share: number): string {
  const place = Math.min(1, Math.max(0, share)) * (VIRIDIS.length - 1);
  const low = VIRIDIS[Math.floor(place)] ?? VIRIDIS[0];
  const high = VIRIDIS[Math.ceil(place)] ?? low;
  const part = place - Math.floor(place);
  const mixed = low.map((value, index) =>
    Math.round(value + ((high[index] ?? value) - value) * part),
  );
  return `rgb(${mixed.join(" ")})`;
}
