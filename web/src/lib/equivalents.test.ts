import { describe, expect, test } from "vitest";
import { equivalent, legendOf } from "./equivalents.ts";
import { oneOf, rateWindow, selector } from "./promql.ts";
import { guessUnit } from "./units.ts";

const scope = { service: "", where: [], window: "1m" };

describe("a figure of the pages as PromQL", () => {
  test("has the service and the filters as matchers, by the labels they stand for", () =>
    expect(
      equivalent("requests_per_minute", {
        ...scope,
        service: "shop",
        where: ['endpoint=/buy/{it"em}', "status=500"],
        by: "method",
      }),
    ).toBe(
      'sum by (http_request_method) (histogram_count(rate(http_server_request_duration_seconds{job="shop", http_route="/buy/{it\\"em}", http_response_status_code="500"}[1m]))) * 60',
    ));

  test("is drawn in its unit", () => {
    const unit = (metric: string) => guessUnit(equivalent(metric, scope) ?? "");
    expect(unit("requests_per_minute")).toBe("rate");
    expect(unit("error_rate_percent")).toBe("percent");
    expect(unit("p95_response_time_ms")).toBe("seconds");
    expect(unit("memory_usage_mb")).toBe("bytes");
    expect(unit("cpu_percent")).toBe("percent");
    expect(unit("hit_rate_percent")).toBe("percent");
  });

  test("is not made up where PromQL has no word for it", () =>
    expect(equivalent("r2", scope)).toBeNull());

  test("names its series as the chart does", () => {
    expect(legendOf("endpoint")).toBe("{{http_route}}");
    expect(legendOf(undefined)).toBe("");
  });
});

describe("PromQL as text", () => {
  test("quotes what is no plain name", () => {
    expect(selector("up")).toBe("up");
    expect(selector("http.requests", [{ label: "a.b", sign: "=", value: "c" }])).toBe(
      '{"http.requests", "a.b"="c"}',
    );
  });

  test("takes several values literally", () => {
    expect(oneOf("path", ["/a.b"])).toEqual({ label: "path", sign: "=", value: "/a.b" });
    expect(oneOf("path", ["/a.b", "/(c)"]).value).toBe("/a\\.b|/\\(c\\)");
  });

  test("looks back over a step, and a minute at least", () => {
    expect(rateWindow(5)).toBe("1m");
    expect(rateWindow(3600)).toBe("1h");
  });
});
