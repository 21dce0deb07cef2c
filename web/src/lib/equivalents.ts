/** The figures of the pages as PromQL, so that each chart can be asked further. */

import { aggregated, labelName, type Matcher, selector } from "./promql.ts";

export interface Scope {
  service: string;
  /** Conditions such as endpoint=/predict. */
  where: string[];
  by?: string | undefined;
  /** How far rates look back, such as 1m. */
  window: string;
}

/** The short names of the pages, and the labels they stand for. */
const LABELS: Record<string, string> = {
  service: "job",
  endpoint: "http_route",
  method: "http_request_method",
  status: "http_response_status_code",
};

const REQUESTS = "http_server_request_duration_seconds";
const CACHE = "cache_requests_total";

interface Writing {
  select: (metric: string, ...more: Matcher[]) => string;
  sum: (inner: string) => string;
  max: (inner: string) => string;
  window: string;
}

type Write = (writing: Writing) => string;

const rate = (inner: string, { window }: Writing) => `rate(${inner}[${window}])`;
const events = (inner: string, writing: Writing) => `histogram_count(${rate(inner, writing)})`;

const quantile =
  (share: number): Write =>
  (w) =>
    `histogram_quantile(${share}, ${w.sum(rate(w.select(REQUESTS), w))})`;
const mean =
  (metric: string): Write =>
  (w) =>
    `histogram_avg(${w.sum(rate(w.select(metric), w))})`;
const gauge =
  (metric: string): Write =>
  (w) =>
    w.sum(w.select(metric));

const errorRate: Write = (w) => {
  const failed = [
    events(w.select(REQUESTS, { label: "error_type", sign: "!=", value: "" }), w),
    events(w.select(REQUESTS, { label: "http_response_status_code", sign: "=~", value: "5.." }), w),
  ].join(" or ");
  return `100 * ${w.sum(failed)} / ${w.sum(events(w.select(REQUESTS), w))}`;
};

const EQUIVALENTS: Record<string, Write> = {
  requests_per_minute: (w) => `${w.sum(events(w.select(REQUESTS), w))} * 60`,
  error_rate_percent: errorRate,
  avg_response_time_ms: mean(REQUESTS),
  p50_response_time_ms: quantile(0.5),
  p95_response_time_ms: quantile(0.95),
  p99_response_time_ms: quantile(0.99),
  predictions_per_minute: (w) => `${w.sum(rate(w.select("ml_predictions_total"), w))} * 60`,
  mae: mean("ml_absolute_error"),
  avg_mae: mean("ml_absolute_error"),
  avg_confidence: mean("ml_prediction_confidence"),
  hit_rate_percent: (w) => {
    const hits = w.select(CACHE, { label: "result", sign: "=", value: "hit" });
    return `100 * ${w.sum(rate(hits, w))} / ${w.sum(rate(w.select(CACHE), w))}`;
  },
  cache_size_mb: gauge("cache_size_bytes"),
  memory_usage_mb: gauge("process_resident_memory_bytes"),
  cpu_percent: (w) => `100 * ${w.sum(rate(w.select("process_cpu_seconds_total"), w))}`,
  disk_usage_percent: (w) => `100 * ${w.max(w.select("system_disk_usage_ratio"))}`,
  threads: gauge("process_threads"),
  uptime_seconds: (w) => w.max(w.select("process_uptime_seconds")),
  response_time_ms: (w) => w.sum(rate(w.select(REQUESTS), w)),
  absolute_error: (w) => w.sum(rate(w.select("ml_absolute_error"), w)),
};

/**
 * Writes what a figure of the pages is in PromQL, in seconds and bytes, which Explore writes as
 * milliseconds and megabytes by itself; null where PromQL has no word for it, as for R². */
export function equivalent(metric: string, scope: Scope): string | null {
  const matchers = matchersOf(scope);
  const by = scope.by ? [LABELS[scope.by] ?? scope.by] : [];
  const writing: Writing = {
    select: (name, ...more) => selector(name, [...matchers, ...more]),
    sum: (inner) => aggregated("sum", by, inner),
    max: (inner) => aggregated("max", by, inner),
    window: scope.window,
  };
  return EQUIVALENTS[metric]?.(writing) ?? null;
}

/** The template that names the series as the chart does. */
export function legendOf(by: string | undefined): string {
  return by ? `{{${labelName(LABELS[by] ?? by)}}}` : "";
}

function matchersOf({ service, where }: Scope): Matcher[] {
  const conditions = where.map((each) => {
    const at = each.indexOf("=");
    const label = each.slice(0, at);
    return { label: LABELS[label] ?? label, sign: "=" as const, value: each.slice(at + 1) };
  });
  const own = { label: "job", sign: "=" as const, value: service };
  return service ? [own, ...conditions] : conditions;
}
