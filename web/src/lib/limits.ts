/** Where well ends: the one table of limits that the pages judge by. */

import type { Unit } from "./format.ts";

export type Severity = "warning" | "critical";

export interface Limit {
  name: string;
  /** The bound, in the metric's unit; for mae a ratio over the target. */
  value: number;
  unit: Unit;
  /** Which side of the bound is wrong. */
  wrong: "above" | "below";
  severity: Severity;
}

export const LIMITS = {
  errorRate: { name: "errors", value: 5, unit: "percent", wrong: "above", severity: "critical" },
  p95: { name: "p95", value: 500, unit: "ms", wrong: "above", severity: "warning" },
  mae: { name: "MAE", value: 1.2, unit: "ratio", wrong: "above", severity: "warning" },
  hitRate: { name: "cache hits", value: 50, unit: "percent", wrong: "below", severity: "warning" },
  cpu: { name: "CPU", value: 80, unit: "cores", wrong: "above", severity: "warning" },
  memory: { name: "memory", value: 1000, unit: "mb", wrong: "above", severity: "warning" },
  disk: { name: "used", value: 80, unit: "percent", wrong: "above", severity: "warning" },
  stale: { name: "silent", value: 15, unit: "plain", wrong: "above", severity: "critical" },
} satisfies Record<string, Limit>;

export type LimitId = keyof typeof LIMITS;

/** A rate of fewer requests a minute than this says little about errors or latency. */
export const LEAST_REQUESTS = 5;

/** Returns how bad a value is; undefined where it is well or not known. */
export function levelOf(limit: Limit, value: number | null | undefined): Severity | undefined {
  return breaks(limit, value) ? limit.severity : undefined;
}

/** Says whether a value lies on the wrong side; no data is not wrong. */
export function breaks(limit: Limit, value: number | null | undefined): boolean {
  if (value === null || value === undefined || !Number.isFinite(value)) return false;
  return limit.wrong === "above" ? value > limit.value : value < limit.value;
}
