import type { LabelSet } from "@/api/prometheus.ts";

export interface LabelFound {
  label: string;
  /** How many series have each value, the most first. */
  values: { value: string; series: number }[];
}

/** Counts the values of each label over the series of a metric; `le` and the name are no labels. */
export function labelsOf(series: LabelSet[]): LabelFound[] {
  const counts = new Map<string, Map<string, number>>();
  for (const labels of series) {
    for (const [label, value] of Object.entries(labels)) {
      if (label === "__name__" || label === "le") continue;
      const values = counts.get(label) ?? new Map<string, number>();
      counts.set(label, values.set(value, (values.get(value) ?? 0) + 1));
    }
  }
  return [...counts]
    .map(([label, values]) => ({
      label,
      values: [...values]
        .map(([value, count]) => ({ value, series: count }))
        .sort((a, b) => b.series - a.series || a.value.localeCompare(b.value)),
    }))
    .sort((a, b) => a.label.localeCompare(b.label));
}

/** The series that have one of the chosen values in each label that was narrowed. */
export function narrowed(series: LabelSet[], chosen: Record<string, string[]>): LabelSet[] {
  return series.filter((labels) =>
    Object.entries(chosen).every(
      ([label, values]) => values.length === 0 || values.includes(labels[label] ?? ""),
    ),
  );
}
