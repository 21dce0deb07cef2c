import { describe, expect, test } from "vitest";
import type { Unit } from "./format.ts";
import { guessHistogramUnit, guessUnit, unitOfMetric } from "./units.ts";

const RULES: [string, Unit][] = [
  ["node_memory_MemFree_bytes", "bytes"],
  ['node_filesystem_avail_bytes{mountpoint="/"}', "bytes"],
  ["http_server_request_duration_seconds", "seconds"],
  ["http_requests_total", "count"],
  ["process_start_time_seconds", "plain"],
  ["system_disk_usage_ratio", "share"],
  ["node_load1", "plain"],
  ["rate(http_requests_total[5m])", "per_second"],
  ["sum by (job) (rate(http_requests_total[5m]))", "per_second"],
  ["sum(rate(http_requests_total[5m])) by (job)", "per_second"],
  ["rate(process_cpu_seconds_total[1m])", "share"],
  ["rate(node_network_receive_bytes_total[1m])", "bytes_per_second"],
  ["increase(http_requests_total[1h])", "count"],
  ["count(up)", "count"],
  ["histogram_quantile(0.95, sum by (le) (rate(x_duration_seconds_bucket[5m])))", "seconds"],
  ["histogram_quantile(0.95, sum(rate(http_server_request_duration_seconds[5m])))", "seconds"],
  ["histogram_count(rate(http_server_request_duration_seconds[5m]))", "per_second"],
  ["histogram_sum(rate(x[1m]))", "plain"],
  ["histogram_avg(rate(x_seconds[1m]))", "seconds"],
  ["rate(x_seconds_sum[5m]) / rate(x_seconds_count[5m])", "seconds"],
  ["sum(rate(a_total[5m])) / sum(rate(b_total[5m]))", "share"],
  ["100 * sum(rate(a_total[5m])) / sum(rate(b_total[5m]))", "percent"],
  ["sum(rate(a_total[5m])) / sum(rate(b_total[5m])) * 100", "percent"],
  ["(1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) * 100", "percent"],
  ["sum(rate(a_total[1m])) * 60", "rate"],
  ["histogram_quantile(0.99, rate(a_seconds[1m])) * 1000", "ms"],
  ["node_memory_MemTotal_bytes - node_memory_MemFree_bytes", "bytes"],
  ["a_bytes > 1e-9", "bytes"],
  ["topk(5, rate(a_total[5m]))", "per_second"],
  ["a_bytes / on (job) group_left count(b_total)", "bytes"],
  ['a_total{orange="x or y"}', "count"],
  ["1 + 1", "plain"],
  ["", "plain"],
  ["sum(rate(", "plain"],
];

describe("the unit", () => {
  test.each(RULES)("of %s", (expr, unit) => expect(guessUnit(expr)).toBe(unit));

  test("that metadata declares counts where the name tells none", () => {
    const declared = (name: string) => ({ cache_size: "By", latency_seconds: "ms" })[name];
    expect(unitOfMetric("cache_size", declared)).toBe("bytes");
    expect(unitOfMetric("latency_seconds", declared)).toBe("seconds");
    expect(guessUnit("sum(cache_size)", declared)).toBe("bytes");
  });

  test("of a histogram is what it counts, not how fast", () => {
    expect(guessHistogramUnit("sum by (job) (rate(x_seconds[1m]))")).toBe("seconds");
    expect(guessHistogramUnit('x_bytes{job="a"}')).toBe("bytes");
  });
});
