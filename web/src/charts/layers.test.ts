import { describe, expect, test } from "vitest";
import type { History } from "@/api/types.ts";
import { scaleOf } from "@/lib/format.ts";
import { logRange, roundSteps, writeMarks } from "./axes.ts";
import { layersOf } from "./layers.ts";
import { OTHERS } from "./palette.ts";
import { stackUp, together, withPast, withTrends } from "./series.ts";

function history(series: Record<string, (number | null)[]>, times: number[]): History {
  const list = Object.entries(series).map(([service, values]) => ({ labels: { service }, values }));
  const rest = { metric: "m", unit: "", service: null, start: 0, end: 2, step: 1, window: 1 };
  return { ...rest, times, series: list };
}

describe("the past of a chart", () => {
  const plotted = {
    times: [101, 102],
    lines: [
      { name: "a", values: [1, 2] },
      { name: OTHERS, values: [5, 6] },
    ],
  };

  test("stands beside each line; what is not drawn by itself is joined", () => {
    const past = history({ a: [7, 8], b: [1, 1], c: [2, null] }, [1, 2]);
    const [a, others] = withPast(plotted, past, "service", 100).lines;
    expect(a?.past).toEqual([7, 8]);
    expect(others?.past).toEqual([3, 1]);
  });

  test("has gaps where nothing was", () =>
    expect(
      withPast(plotted, history({ z: [1, 1] }, [1, 2]), "service", 100).lines[0]?.past,
    ).toEqual([null, null]));

  test("is drawn beneath the lines, their trends above", () => {
    const lines = withTrends({
      times: [1, 2, 3],
      lines: [{ name: "a", values: [1, 2, 3], past: [3, 2, 1] }],
    }).lines;
    const { drawn, values } = layersOf(lines, new Map([["a", "--series-2"]]), null, false);
    expect(drawn.map(({ kind }) => kind)).toEqual(["past", "own", "trend"]);
    expect(drawn.every(({ color }) => color === "--series-2")).toBe(true);
    expect(values[0]).toEqual([3, 2, 1]);
  });
});

test("a stack adds up what is known; where nothing is, it has a gap", () => {
  expect(
    stackUp([
      [1, null, null],
      [2, 3, null],
    ]),
  ).toEqual([
    [1, null, null],
    [3, 3, null],
  ]);
  const lines = [
    { name: "a", values: [1, 1] },
    { name: "b", values: [2, 2] },
  ];
  expect(layersOf(lines, new Map(), null, true).values).toEqual([
    [1, 1],
    [3, 3],
  ]);
  expect(layersOf(lines, new Map(), "b", true).values[1]).toEqual([2, 2]);
});

test("several charts' lines share one axis of time", () => {
  const one = { times: [1, 2], lines: [{ name: "a", values: [1, 2], past: [0, 1] }] };
  const two = { times: [2, 3], lines: [{ name: "b", values: [5, null] }] };
  expect(together([one, two])).toEqual({
    times: [1, 2, 3],
    lines: [
      { name: "a", values: [1, 2, null], past: [0, 1, null] },
      { name: "b", values: [null, 5, null] },
    ],
  });
});

describe("an axis", () => {
  test("of powers of ten holds all that is above zero", () => {
    expect(logRange([[3, null, 450, 0, -1]])).toEqual([1, 1000]);
    expect(logRange([[10]])).toEqual([10, 100]);
    expect(logRange([[null]])).toEqual([0.1, 10]);
  });

  test("has round marks in the unit they are written in", () => {
    const scale = scaleOf("seconds", 7300);
    expect(scale.unit).toBe("h");
    expect(roundSteps(scale)).toContain(1800);
    expect(writeMarks([0, 1800, 3600], scale.factor)).toEqual(["0", "0.5", "1"]);
    expect(writeMarks([0.0003], scaleOf("seconds", 0.0003).factor)).toEqual(["300"]);
  });
});
