/** PromQL as text: names, matchers, and how long a rate looks back. */

import { writeDuration } from "./range.ts";

/** A condition on a label: name, sign, value. */
export interface Matcher {
  label: string;
  sign: "=" | "!=" | "=~" | "!~";
  value: string;
}

const PLAIN_LABEL = /^[a-zA-Z_]\w*$/;
const PLAIN_METRIC = /^[a-zA-Z_:][\w:]*$/;

/** Writes a selector; names that are no plain words are quoted, as Prometheus 3 has it. */
export function selector(metric: string, matchers: Matcher[] = []): string {
  const conditions = matchers.map(
    ({ label, sign, value }) => `${labelName(label)}${sign}${JSON.stringify(value)}`,
  );
  if (!PLAIN_METRIC.test(metric)) return `{${[JSON.stringify(metric), ...conditions].join(", ")}}`;
  return conditions.length > 0 ? `${metric}{${conditions.join(", ")}}` : metric;
}

export function labelName(label: string): string {
  return PLAIN_LABEL.test(label) ? label : JSON.stringify(label);
}

/** One value or several of a label, as one matcher. */
export function oneOf(label: string, values: string[]): Matcher {
  const [only = "", ...more] = values;
  if (more.length === 0) return { label, sign: "=", value: only };
  return { label, sign: "=~", value: values.map(escaped).join("|") };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Writes `sum by (a, b) (…)`; without labels `sum(…)`. */
export function aggregated(operator: string, by: string[], inner: string): string {
  return by.length > 0
    ? `${operator} by (${by.map(labelName).join(", ")}) (${inner})`
    : `${operator}(${inner})`;
}

/** Shorter windows than this hold too few samples of what is read every 15 s. */
const LEAST_WINDOW = 60;

/** How far a rate looks back where points lie `step` seconds apart: nothing between is left out. */
export function rateWindow(step: number): string {
  return writeDuration(Math.max(LEAST_WINDOW, step));
}
