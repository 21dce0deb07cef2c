import { expect, test } from "vitest";
import { type Metric, metricsOf, search } from "./metrics.ts";

const told = (type: string, help = "") => [{ type, help, unit: "" }];

const found = metricsOf(
  [
    "a_seconds_bucket",
    "a_seconds_count",
    "a_seconds_sum",
    "b_seconds",
    "c_total",
    "d_count",
    "e",
    "f_count",
    "f_sum",
  ],
  {
    a_seconds: told("histogram", "how long"),
    b_seconds: told("histogram"),
    c: told("counter", "by its name without an ending"),
  },
);

test("a metric is one, whatever names it is stored under", () =>
  expect(found.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    "a_seconds buckets",
    "b_seconds histogram",
    "c_total counter",
    "d_count counter",
    "e unknown",
    "f summary",
  ]));

test("a search finds names first, then meanings", () => {
  const names = (text: string) => search(found, text).map(({ name }: Metric) => name);
  expect(names("SECONDS a")).toEqual(["a_seconds"]);
  expect(names("how")).toEqual(["a_seconds"]);
  expect(names("name")).toEqual(["c_total"]);
  expect(names("")).toHaveLength(6);
  expect(names("nowhere")).toEqual([]);
});
