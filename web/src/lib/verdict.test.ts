import { describe, expect, test } from "vitest";
import type { Current, Endpoint, Service } from "@/api/types.ts";
import { condensed, evidenceOf, findings, wellSentence, worstOf } from "./verdict.ts";

const NOW = 1_700_000_000;

function endpoint(patch: Partial<Endpoint>): Endpoint {
  return {
    service: "scan-api",
    endpoint: "/predict",
    method: "POST",
    requests_per_minute: 100,
    requests_total: 1000,
    errors_total: 0,
    avg_response_time_ms: 20,
    p50_response_time_ms: 18,
    p95_response_time_ms: 60,
    p99_response_time_ms: 90,
    error_rate_percent: 0,
    ...patch,
  };
}

function current(patch: Partial<Current> = {}, endpoints = [endpoint({})]): Current {
  const { service: _s, endpoint: _e, method: _m, ...traffic } = endpoint({});
  return {
    time: NOW,
    window_seconds: 60,
    service: null,
    services: ["scan-api"],
    api_metrics: { ...traffic, endpoints },
    model_metrics: {
      predictions_count: null,
      predictions_per_minute: null,
      avg_mae: null,
      avg_confidence: null,
      last_updated: null,
      models: [],
    },
    system_metrics: {
      uptime_seconds: 10,
      memory_usage_mb: 100,
      cpu_percent: 10,
      disk_usage_percent: 50,
      threads: 4,
      processes: [],
    },
    cache_metrics: {
      hit_rate_percent: null,
      total_hits: null,
      total_misses: null,
      cache_size_mb: null,
      caches: [],
    },
    ...patch,
  };
}

const said = (of: Current, services: Service[] = []) =>
  findings(of, services).map(({ subject, says }) => `${subject}: ${says}`);

describe("the verdict", () => {
  test("is calm when all keep within their limits", () => {
    expect(said(current())).toEqual([]);
    expect(worstOf([], current())).toBe("well");
    expect(wellSentence(current())).toBe("100 requests/min, 0 % errors, p95 60 ms");
  });

  test("is quiet, not well, where nothing reports", () => {
    expect(worstOf([], current({ services: [] }, []))).toBe("quiet");
    expect(worstOf([], undefined)).toBe("quiet");
  });

  test("weighs errors by requests over a service's endpoints", () => {
    const rows = [
      endpoint({ requests_per_minute: 90, error_rate_percent: 0 }),
      endpoint({ endpoint: "/b", requests_per_minute: 10, error_rate_percent: 60 }),
    ];
    expect(said(current({}, rows))).toEqual(["scan-api: errors 6.0 %, above 5 %"]);
    expect(worstOf(findings(current({}, rows)), current())).toBe("critical");
  });

  test("names the slowest busy endpoint and ignores the rare one", () => {
    const rows = [
      endpoint({ p95_response_time_ms: 612 }),
      endpoint({ endpoint: "/rare", requests_per_minute: 1, p95_response_time_ms: 9000 }),
    ];
    expect(said(current({}, rows))).toEqual(["scan-api /predict: p95 612 ms, above 500 ms"]);
  });

  test("says nothing of errors and latency where hardly anything was asked", () => {
    const rows = [
      endpoint({ requests_per_minute: 2, error_rate_percent: 50, p95_response_time_ms: 900 }),
    ];
    expect(said(current({}, rows))).toEqual([]);
  });

  test("holds a model's error against its target, 20 % allowed", () => {
    const model = (mae: number | null) => ({
      service: "scan-api",
      model: "result_predictor",
      predictions_count: 10,
      predictions_per_minute: 10,
      mae,
      r2: null,
      target_mae: 4,
      target_r2: null,
      avg_confidence: null,
      last_updated: NOW,
    });
    const having = (mae: number | null) =>
      current({ model_metrics: { ...current().model_metrics, models: [model(mae)] } });
    expect(said(having(4.8))).toEqual([]);
    expect(said(having(null))).toEqual([]);
    expect(said(having(4.92))).toEqual(["result_predictor: MAE 23.0 % above its target"]);
  });

  test("puts what is critical first: a service fallen silent before a full disk", () => {
    const services: Service[] = [
      { service: "search", instances: [], status: "stale", last_seen: NOW - 65 },
    ];
    const of = current({
      system_metrics: { ...current().system_metrics, disk_usage_percent: 91 },
    });
    expect(said(of, services)).toEqual([
      "search: silent for 1 min 5 s",
      "The fullest disk: used 91.0 %, above 80 %",
    ]);
  });
});

test("a finding leads to its evidence, whatever its names hold", () => {
  const about = { severity: "warning", subject: "", says: "" } as const;
  const to = (id: string, service: string) => evidenceOf({ ...about, id, services: [service] });
  expect(to("p95/scan-api", "scan-api")).toMatchObject({ page: "api", service: "scan-api" });
  expect(to("mae/a/b/llama/7b", "a/b")).toEqual({
    page: "models",
    service: "a/b",
    where: ["model=llama/7b"],
  });
  expect(evidenceOf({ ...about, id: "disk", services: [] })).toMatchObject({
    page: "overview",
    service: "",
  });
});

test("many findings of one kind are told as one, and lead to all of them", () => {
  const silent = ["a", "b", "c", "d"].map((service) => ({
    id: `silent/${service}`,
    severity: "critical" as const,
    services: [service],
    subject: service,
    says: "silent for 20 s",
  }));
  const slow = { ...silent[0], id: "p95/e", services: ["e"], subject: "e", says: "p95 900 ms" };
  const list = [...silent, { ...slow, severity: "warning" as const }];
  const [first, second, ...none] = condensed(list);
  expect(first).toMatchObject({ subject: "4 services", says: "silent, like a" });
  expect(second?.subject).toBe("e");
  expect(none).toEqual([]);
  expect(first && evidenceOf(first)).toEqual({ page: "overview", service: "", where: [] });
  expect(condensed(silent.slice(1))).toHaveLength(3);
});
