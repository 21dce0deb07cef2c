import { describe, expect, test } from "vitest";
import { curvesOf, rowsOf, topOf } from "./answers.ts";
import { gridOf, pointsOf, tooFine, valuesOn } from "./grid.ts";
import { noted } from "./history.ts";
import { filled, namesOf } from "./names.ts";

const query = (name: string, legend = "") => ({ name, expr: "rate(x[1m])", legend, hidden: false });

describe("the grid", () => {
  test("lies on whole steps", () =>
    expect(gridOf(1001, 1909, "15s")).toEqual({ from: 1005, to: 1905, step: 15 }));

  test("takes a step that fits where none is chosen", () =>
    expect(gridOf(0, 86_400, "").step).toBe(600));

  test("says what step a window would need", () => {
    expect(tooFine({ from: 0, to: 86_400, step: 30 })).toBeNull();
    expect(tooFine({ from: 0, to: 86_400, step: 1 })).toContain("86,401 points");
  });

  test("keeps gaps, and what is no number, as gaps", () => {
    const grid = { from: 100, to: 140, step: 10 };
    expect(pointsOf(grid)).toBe(5);
    expect(
      valuesOn(grid, [
        [100, "1"],
        [120, "NaN"],
        [130, "+Inf"],
        [140, "-2.5"],
      ]),
    ).toEqual([1, null, null, null, -2.5]);
  });
});

describe("a series is called", () => {
  const asked = { query: "A", expr: "sum( x )", legend: "" };
  test("by its template", () => {
    expect(filled('{{job}} on {{ instance }} {{"a.b"}}', { job: "api", "a.b": "c" })).toBe(
      "api on  c",
    );
    expect(namesOf({ ...asked, legend: "{{job}}" }, [{ job: "api" }])).toEqual(["api"]);
  });
  test("by what tells it from the others", () =>
    expect(
      namesOf(asked, [
        { __name__: "up", job: "a", zone: "x" },
        { __name__: "up", job: "b", zone: "x" },
      ]),
    ).toEqual(["job=a", "job=b"]));
  test("by all it has where it is alone", () => {
    expect(namesOf(asked, [{ __name__: "up", job: "a" }])).toEqual(['up{job="a"}']);
    expect(namesOf(asked, [{}])).toEqual(["sum( x )"]);
  });
});

describe("answers become curves", () => {
  const grid = { from: 0, to: 20, step: 10 };
  const series = (job: string, ...values: string[]) => ({
    metric: { job },
    values: values.map((value, index): [number, string] => [index * 10, value]),
  });

  test("with the query in the name where there are several", () => {
    const answers = ["A", "B"].map((name) => ({ query: query(name), result: [series("a", "1")] }));
    expect(curvesOf(answers, grid, 0).map(({ name }) => name)).toEqual([
      'A  {job="a"}',
      'B  {job="a"}',
    ]);
  });

  test("with the name that was given to them, while it is theirs alone", () => {
    const answers = ["A", "B"].map((name) => ({
      query: query(name, `p${name}`),
      result: [series("a", "1")],
    }));
    expect(curvesOf(answers, grid, 0).map(({ name }) => name)).toEqual(["pA", "pB"]);
    const same = ["A", "B"].map((name) => ({
      query: query(name, "p"),
      result: [series("a", "1")],
    }));
    expect(curvesOf(same, grid, 0).map(({ name }) => name)).toEqual(["A  p", "B  p"]);
  });

  test("beside those of an earlier period, found by their labels", () => {
    const past = [{ metric: { job: "a" }, values: [[-990, "7"]] as [number, string][] }];
    const [curve] = curvesOf(
      [{ query: query("A"), result: [series("a", "1", "2", "3")], past }],
      grid,
      1000,
    );
    expect(curve?.past).toEqual([null, 7, null]);
  });

  test("of which the highest are drawn", () => {
    const result = ["a", "b", "c"].map((job, index) => series(job, "9", String(index)));
    const found = curvesOf([{ query: query("A"), result }], grid, 0);
    expect(topOf(found, 2).map(({ labels }) => labels.job)).toEqual(["b", "c"]);
  });
});

test("rows come largest first, what is no number last", () => {
  const result = {
    resultType: "vector" as const,
    result: [
      { metric: { a: "1" }, value: [0, "NaN"] as [number, string] },
      { metric: { a: "2" }, value: [0, "1"] as [number, string] },
      { metric: { a: "3" }, value: [0, "+Inf"] as [number, string] },
    ],
  };
  expect(rowsOf([{ query: query("A"), result }]).map(({ labels }) => labels.a)).toEqual([
    "3",
    "2",
    "1",
  ]);
});

test("a range of samples has a row by its last one, a scalar one without labels", () => {
  const matrix = {
    resultType: "matrix" as const,
    result: [
      {
        metric: { a: "1" },
        values: [
          [0, "1"],
          [1, "2"],
        ] as [number, string][],
      },
    ],
  };
  expect(rowsOf([{ query: query("A"), result: matrix }]).map(({ value }) => value)).toEqual([2]);
  const scalar = { resultType: "scalar" as const, result: [0, "7"] as [number, string] };
  expect(rowsOf([{ query: query("A"), result: scalar }])[0]).toMatchObject({
    labels: {},
    value: 7,
  });
});

test("a query that was run stands in the history once, on top", () =>
  expect(noted(["a", "b"], [" b ", "", "c"])).toEqual(["b", "c", "a"]));
