import { describe, expect, test } from "vitest";
import type { History } from "@/api/types.ts";
import { axisBottom, axisTop, fittedRange, markSpace } from "./axes.ts";
import { binAt, linearMarks, logMarks, placeOf } from "./bins.ts";
import { assignColors, OTHERS, viridis } from "./palette.ts";
import { align, linesOf, lonely, valuesAt } from "./series.ts";
import { sparkShape } from "./spark.ts";

function history(series: Record<string, (number | null)[]>, times = [1, 2]): History {
  const list = Object.entries(series).map(([service, values]) => ({ labels: { service }, values }));
  return {
    metric: "m",
    unit: "",
    service: null,
    start: 0,
    end: 2,
    step: 1,
    window: 1,
    times,
    series: list,
  };
}

describe("lines", () => {
  const many = history({
    a: [1, 1],
    b: [9, 9],
    c: [8, 8],
    d: [7, 7],
    e: [6, 6],
    f: [5, 5],
    g: [2, null],
  });

  test("past five become the top five and the others", () => {
    const lines = linesOf(many, "service", "sum");
    expect(lines.map(({ name }) => name)).toEqual(["b", "c", "d", "e", "f", OTHERS]);
    expect(lines.at(-1)?.values).toEqual([3, 1]);
  });

  test("that cannot be added are left out", () => {
    expect(linesOf(many, "service", null)).toHaveLength(5);
  });

  test("of several histories share one axis, with gaps where one has no point", () => {
    const plotted = align([
      { history: history({ x: [1, 2] }, [10, 20]), name: "p50" },
      { history: history({ x: [3, 4] }, [20, 30]), name: "p95" },
    ]);
    expect(plotted.times).toEqual([10, 20, 30]);
    expect(plotted.lines.map(({ values }) => values)).toEqual([
      [1, 2, null],
      [null, 3, 4],
    ]);
  });

  test("are listed under the cursor largest first, without those unknown", () => {
    const lines = [
      { name: "a", values: [1] },
      { name: "b", values: [null] },
      { name: "c", values: [5] },
    ];
    expect(valuesAt(lines, 0).map(({ name }) => name)).toEqual(["c", "a"]);
  });
});

test("values with a gap on both sides are known", () => {
  expect(lonely([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  expect(lonely([])).toEqual([]);
});

describe("colours", () => {
  test("stay with a name and never meet within five", () => {
    const names = ["scan-api", "billing", "search", "auth", "mail"];
    const colors = assignColors(names);
    expect(new Set(colors.values()).size).toBe(5);
    expect(assignColors([...names].reverse())).toEqual(colors);
    expect(assignColors(["scan-api"]).get("scan-api")).toMatch(/^--series-[1-5]$/);
  });

  test("differ while there are enough of them", () => {
    const names = [
      "/export",
      "/items/{item_id}",
      "/outcomes",
      "/predict/duration",
      "/predict/result",
    ];
    expect(new Set(assignColors([...names, "unmatched"]).values()).size).toBe(6);
    expect(new Set(assignColors([...names, OTHERS]).values()).size).toBe(6);
  });

  test("of the scale run from dark to light and stop at its ends", () => {
    expect(viridis(-1)).toBe("rgb(68 1 84)");
    expect(viridis(2)).toBe("rgb(253 231 37)");
  });
});

describe("axes", () => {
  test("start at zero and leave room above", () => {
    expect(axisTop([[1, null, 10]], null)).toBeCloseTo(11.2);
    expect(axisTop([], null)).toBe(1);
    expect(axisBottom([[3, -10]])).toBeCloseTo(-11.2);
  });

  test("take a threshold in where it does not flatten the data", () => {
    expect(axisTop([[200]], 500)).toBeCloseTo(560);
    expect(axisTop([[10]], 500)).toBeCloseTo(11.2);
  });

  test("fit values whose zero says little", () => {
    const [low, high] = fittedRange([[0.9, 0.94]], 0.92);
    expect(low).toBeCloseTo(0.88);
    expect(high).toBeCloseTo(0.96);
    expect(fittedRange([], null)).toEqual([0, 1]);
  });
});

describe("bins", () => {
  const bounds = [1, 10, 100, 1000];

  test("lie evenly on a log axis", () => {
    expect(placeOf(10, bounds)).toBeCloseTo(1 / 3);
    expect(placeOf(0.5, bounds)).toBe(0);
    expect([0.1, 0.5, 0.99].map((place) => binAt(place, bounds))).toEqual([0, 1, 2]);
  });

  test("are marked at round values, no more than fit", () => {
    expect(logMarks(bounds, 4)).toEqual([1, 10, 100, 1000]);
    expect(logMarks([1, 10], 4)).toEqual([1, 2, 5, 10]);
    expect(linearMarks(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10]);
  });
});

describe("sparklines", () => {
  test("lift the pen over gaps", () => {
    expect(sparkShape([1, null, 2, 1]).path.match(/M/g)).toHaveLength(2);
  });

  test("dot the last value known, and are empty without any", () => {
    expect(sparkShape([1, 2, null]).last?.x).toBeCloseTo(0.5);
    expect(sparkShape([null])).toEqual({ path: "", last: null });
  });
});

test("marks of a time axis keep apart, and further where they have seconds", () => {
  expect(markSpace(300, 230)).toBe(46);
  expect(markSpace(300, 470)).toBe(70);
  expect(markSpace(900, 1200)).toBe(70);
  expect(markSpace(3600, 470)).toBe(46);
});
