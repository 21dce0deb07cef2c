import { expect, test } from "vitest";
import { mergeTail } from "./merge.ts";
import type { History, Series } from "./types.ts";

function history(times: number[], series: Record<string, (number | null)[]>): History {
  const list: Series[] = Object.entries(series).map(([name, values]) => ({
    labels: { endpoint: name },
    values,
  }));
  return {
    metric: "m",
    unit: "",
    service: null,
    start: (times[0] ?? 0) - 10,
    end: times.at(-1) ?? 0,
    step: 10,
    window: 10,
    times,
    series: list,
  };
}

test("the tail wins where both speak, and what is older than the window goes", () => {
  const base = history([10, 20, 30], { a: [1, 2, 3] });
  const joined = mergeTail(base, history([30, 40], { a: [33, 4] }), 10);
  expect(joined.times).toEqual([20, 30, 40]);
  expect(joined.series[0]?.values).toEqual([2, 33, 4]);
  expect(joined.end).toBe(40);
});

test("a series that one side lacks has gaps there", () => {
  const base = history([10, 20], { a: [1, 2] });
  const joined = mergeTail(base, history([30], { b: [3] }), 0);
  expect(joined.series.map(({ labels, values }) => [labels.endpoint, values])).toEqual([
    ["a", [1, 2, null]],
    ["b", [null, null, 3]],
  ]);
});

test("an empty tail only trims", () => {
  const joined = mergeTail(history([10, 20], { a: [1, 2] }), history([], {}), 15);
  expect(joined.times).toEqual([20]);
  expect(joined.series[0]?.values).toEqual([2]);
});

test("a window that passed all of the base leaves the tail alone", () => {
  const joined = mergeTail(
    history([10, 20], { a: [1, 2] }),
    history([90, 100], { a: [9, 10] }),
    80,
  );
  expect(joined.times).toEqual([90, 100]);
  expect(joined.series[0]?.values).toEqual([9, 10]);
});
