import type { Kind, Metric } from "@/lib/metrics.ts";
import { legendFor, writeQuery } from "./browser/sights.ts";

export interface Example {
  words: string;
  expr: string;
  legend: string;
}

interface Wish {
  kinds: Kind[];
  /** Names that say most to most people, best first. */
  names: string[];
  by: Record<string, string[]>;
  sight: string;
  words: (name: string) => string;
}

const WISHES: Wish[] = [
  {
    kinds: ["histogram", "buckets"],
    names: ["http_server_request_duration_seconds", "prometheus_http_request_duration_seconds"],
    by: {
      http_server_request_duration_seconds: ["http_route"],
      prometheus_http_request_duration_seconds: ["handler"],
    },
    sight: "p95",
    words: (name) => `p95 of ${plain(name)}`,
  },
  {
    kinds: ["counter"],
    names: ["http_requests_total", "ml_predictions_total", "node_cpu_seconds_total"],
    by: { ml_predictions_total: ["model"], node_cpu_seconds_total: ["mode"] },
    sight: "rate",
    words: (name) => `${plain(name)}, per second`,
  },
  {
    kinds: ["gauge", "unknown"],
    names: ["process_resident_memory_bytes", "node_memory_MemAvailable_bytes", "up"],
    by: {},
    sight: "each",
    words: (name) => `${plain(name)} of each process`,
  },
];

/** Three questions that the stored metrics have an answer to. */
export function examplesOf(metrics: Metric[], window: string): Example[] {
  return WISHES.flatMap(({ kinds, names, by, sight, words }) => {
    const fitting = metrics.filter(({ kind }) => kinds.includes(kind));
    const named = names.flatMap((name) => fitting.filter((each) => each.name === name));
    const metric = named[0] ?? fitting[0];
    if (!metric) return [];
    const labels = by[metric.name] ?? [];
    const expr = writeQuery({ metric, matchers: [], by: labels, window }, sight);
    return [{ words: words(metric.name), expr, legend: legendFor(labels) }];
  });
}

/** A metric's name as words: without its unit and without underscores. */
function plain(name: string): string {
  return name.replace(/_(total|seconds|bytes|seconds_total|bytes_total)$/, "").replaceAll("_", " ");
}
