/** What the server answers. Times are seconds since the epoch; null is no data. */

type Value = number | null;

interface Traffic {
  requests_per_minute: Value;
  requests_total: Value;
  errors_total: Value;
  avg_response_time_ms: Value;
  p50_response_time_ms: Value;
  p95_response_time_ms: Value;
  p99_response_time_ms: Value;
  error_rate_percent: Value;
}

export interface Endpoint extends Traffic {
  service: string;
  endpoint: string;
  method: string;
}

export interface Model {
  service: string;
  model: string;
  predictions_count: Value;
  predictions_per_minute: Value;
  mae: Value;
  r2: Value;
  target_mae: Value;
  target_r2: Value;
  avg_confidence: Value;
  last_updated: Value;
}

export interface Process {
  service: string;
  instance: string;
  uptime_seconds: Value;
  memory_usage_mb: Value;
  cpu_percent: Value;
  threads: Value;
  last_seen: Value;
}

export interface CacheUse {
  hit_rate_percent: Value;
  total_hits: Value;
  total_misses: Value;
  cache_size_mb: Value;
}

export interface Cache extends CacheUse {
  service: string;
  cache: string;
}

/** GET /metrics/current, and the data of its live channel. */
export interface Current {
  time: number;
  window_seconds: number;
  service: string | null;
  services: string[];
  api_metrics: Traffic & { endpoints: Endpoint[] };
  model_metrics: {
    predictions_count: Value;
    predictions_per_minute: Value;
    avg_mae: Value;
    avg_confidence: Value;
    last_updated: Value;
    models: Model[];
  };
  system_metrics: {
    uptime_seconds: Value;
    memory_usage_mb: Value;
    cpu_percent: Value;
    disk_usage_percent: Value;
    threads: Value;
    processes: Process[];
  };
  cache_metrics: CacheUse & { caches: Cache[] };
}

/** GET /metrics/summary */
export interface Summary extends Omit<Current, "time"> {
  from: number;
  to: number;
  slowest_endpoints: Endpoint[];
  failing_endpoints: Endpoint[];
}

export interface Series {
  labels: Record<string, string>;
  values: Value[];
}

/** GET /metrics/history; the point at t covers (t - step, t]. */
export interface History {
  metric: string;
  unit: string;
  service: string | null;
  start: number;
  end: number;
  step: number;
  times: number[];
  series: Series[];
}

/** GET /metrics/distribution; bounds are the edges, one more than the counts of a time. */
export interface Distribution {
  unit: string;
  bounds: number[];
  times: number[];
  counts: number[][];
  total: number[];
  count: number;
  p50: Value;
  p95: Value;
  p99: Value;
}

export interface Outcome {
  time: number;
  predicted: number;
  actual: number;
  confidence: Value;
}

/** GET /metrics/predictions */
export interface Predictions {
  model: string;
  points: Outcome[];
  seen: number;
  sampled: boolean;
}

export interface Instance {
  instance: string;
  first_seen: number;
  last_seen: number;
  live: boolean;
}

export interface Service {
  service: string;
  instances: Instance[];
  status: "live" | "stale";
  last_seen: number;
}

/** GET /services, and the data of its live channel. */
export interface Services {
  services: Service[];
}

/** What a live channel says: on subscribing, on every update, and to a poll. */
export interface Message {
  channel: string;
  sequence: number;
  data: unknown;
}

export interface Problem {
  code: string;
  message: string;
  hint: string;
}
