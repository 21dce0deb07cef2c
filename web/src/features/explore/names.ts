import type { LabelSet } from "@/api/prometheus.ts";

const NAME = "__name__";

/** Writes a series as PromQL does: `up{job="node"}`. */
export function written(labels: LabelSet): string {
  const { [NAME]: name = "", ...rest } = labels;
  const pairs = Object.entries(rest)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return pairs.length > 0 ? `${name}{${pairs.join(", ")}}` : name;
}

/** Fills a template such as `{{job}} {{instance}}`; labels that are not there are empty. */
export function filled(template: string, labels: LabelSet): string {
  return template
    .replace(/\{\{\s*"?([^}"]+?)"?\s*\}\}/g, (_, label: string) => labels[label] ?? "")
    .trim();
}

/** The labels in which series differ. */
export function differing(all: LabelSet[]): string[] {
  const labels = [...new Set(all.flatMap((each) => Object.keys(each)))].sort();
  return labels.filter((label) => new Set(all.map((each) => each[label] ?? "")).size > 1);
}

/** Labels that say where a series comes from: left out where the others tell series apart. */
const ORIGINS = ["instance", "job"];

/** The labels that are needed to tell series apart. */
function telling(all: LabelSet[]): string[] {
  const apart = (labels: string[]) =>
    new Set(all.map((each) => JSON.stringify(labels.map((label) => each[label] ?? "")))).size;
  const labels = differing(all);
  return ORIGINS.reduce((kept, origin) => {
    const without = kept.filter((label) => label !== origin);
    return without.length > 0 && apart(without) === all.length ? without : kept;
  }, labels);
}

export interface Asked {
  query: string;
  expr: string;
  legend: string;
}

/**
 * Names the series of one query: by its template, or else by what tells them apart; one alone by
 * all it has, or by the query itself.
 */
export function namesOf({ expr, legend }: Asked, all: LabelSet[]): string[] {
  const labels = telling(all);
  return all.map((each) => {
    if (legend) return filled(legend, each) || legend;
    if (labels.length === 0) return written(each) || expr.replace(/\s+/g, " ");
    const { [NAME]: name } = each;
    const told = labels.filter((label) => label !== NAME && each[label]);
    const pairs = told.map((label) => `${label}=${each[label]}`).join(", ");
    return [labels.includes(NAME) ? name : "", pairs].filter(Boolean).join(" ") || written(each);
  });
}

/** Lets no two names be the same: charts tell lines by their name. */
export function distinct(names: string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}
