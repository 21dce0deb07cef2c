/** What metrics there are, as people think of them: a histogram is one, not three names. */

import type { Described } from "@/api/prometheus.ts";

export type Kind =
  | "counter"
  | "gauge"
  | "histogram"
  /** A histogram in separate series by `le`. */
  | "buckets"
  | "summary"
  | "unknown";

export interface Metric {
  name: string;
  kind: Kind;
  help: string;
  unit: string;
}

const PARTS = /_(bucket|count|sum)$/;

/** Joins the names that are stored with what is told of them. */
export function metricsOf(names: string[], metadata: Record<string, Described[]>): Metric[] {
  const stored = new Set(names);
  const found = new Map<string, Metric>();
  for (const name of names) {
    const base = name.replace(PARTS, "");
    const whole = base !== name && isWhole(base, stored, metadata) ? base : name;
    if (!found.has(whole)) found.set(whole, metricOf(whole, stored, metadata));
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** Says whether a name's parts belong together: a counter may end in _count by itself. */
function isWhole(base: string, stored: Set<string>, metadata: Record<string, Described[]>) {
  const type = metadata[base]?.[0]?.type;
  if (type) return type === "histogram" || type === "summary";
  return stored.has(`${base}_count`) && stored.has(`${base}_sum`);
}

function metricOf(
  name: string,
  stored: Set<string>,
  metadata: Record<string, Described[]>,
): Metric {
  // A counter's metadata may stand under its name without _total.
  const told = metadata[name]?.[0] ?? metadata[name.replace(/_total$/, "")]?.[0];
  const { help = "", unit = "" } = told ?? {};
  return { name, kind: kindOf(name, stored, told?.type), help, unit };
}

function kindOf(name: string, stored: Set<string>, type: string | undefined): Kind {
  if (stored.has(`${name}_bucket`)) return "buckets";
  if (type === "histogram") return "histogram";
  if (type === "counter" || type === "gauge" || type === "summary") return type;
  if (stored.has(`${name}_count`) && stored.has(`${name}_sum`)) return "summary";
  return /_(total|count|sum|bucket)$/.test(name) ? "counter" : "unknown";
}

const WORDS: Record<Kind, string> = {
  counter: "counter",
  gauge: "gauge",
  histogram: "histogram",
  buckets: "histogram",
  summary: "summary",
  unknown: "number",
};

export function nameKind(kind: Kind): string {
  return WORDS[kind];
}

/** The metrics that match all words of a search, those whose name does first. */
export function search(metrics: Metric[], text: string): Metric[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return metrics;
  const has = (where: string) => words.every((word) => where.toLowerCase().includes(word));
  const byName = metrics.filter(({ name }) => has(name));
  const named = new Set(byName);
  return [
    ...byName,
    ...metrics.filter((each) => !named.has(each) && has(`${each.name} ${each.help}`)),
  ];
}
