import { describe, expect, test } from "vitest";
import { guessUnit } from "@/lib/units.ts";
import { labelsOf, narrowed } from "./labels.ts";
import { sightsOf, writeQuery } from "./sights.ts";

const metric = (name: string, kind: Parameters<typeof sightsOf>[0]) => ({
  name,
  kind,
  help: "",
  unit: "",
});

describe("what is seen of a metric is written as", () => {
  const job = [{ label: "job", sign: "=" as const, value: "a" }];
  test.each([
    ["counter", "rate", 'sum by (code) (rate(x{job="a"}[1m]))'],
    ["counter", "increase", 'sum by (code) (increase(x{job="a"}[1m]))'],
    ["gauge", "each", 'x{job="a"}'],
    ["gauge", "avg", 'avg by (code) (x{job="a"})'],
    ["histogram", "p95", 'histogram_quantile(0.95, sum by (code) (rate(x{job="a"}[1m])))'],
    ["histogram", "heat", 'sum(rate(x{job="a"}[1m]))'],
    ["buckets", "p50", 'histogram_quantile(0.5, sum by (le, code) (rate(x_bucket{job="a"}[1m])))'],
    [
      "summary",
      "mean",
      'sum by (code) (rate(x_sum{job="a"}[1m])) / sum by (code) (rate(x_count{job="a"}[1m]))',
    ],
  ] as const)("%s, %s", (kind, sight, expr) =>
    expect(
      writeQuery({ metric: metric("x", kind), matchers: job, by: ["code"], window: "1m" }, sight),
    ).toBe(expr),
  );

  test("the sensible one at first, in a unit that is known", () => {
    const first = (name: string, kind: Parameters<typeof sightsOf>[0]) =>
      writeQuery(
        { metric: metric(name, kind), matchers: [], by: [], window: "5m" },
        sightsOf(kind)[0]?.id ?? "",
      );
    expect(guessUnit(first("a_total", "counter"))).toBe("per_second");
    expect(guessUnit(first("a_bytes", "gauge"))).toBe("bytes");
    expect(guessUnit(first("a_seconds", "buckets"))).toBe("seconds");
    expect(guessUnit(first("a_seconds", "histogram"))).toBe("seconds");
  });
});

test("labels are counted by series, and narrowed by what is pressed", () => {
  const series = [
    { __name__: "x", job: "a", le: "1" },
    { __name__: "x", job: "b", le: "1" },
    { __name__: "x", job: "b", le: "2" },
  ];
  expect(labelsOf(series)).toEqual([
    {
      label: "job",
      values: [
        { value: "b", series: 2 },
        { value: "a", series: 1 },
      ],
    },
  ]);
  expect(narrowed(series, { job: ["a"], le: [] })).toHaveLength(1);
});
