import { describe, expect, test } from "vitest";
import type { NativeHistogram } from "@/api/prometheus.ts";
import { cellsOf, meanOf, quantileOf } from "./histograms.ts";

const histogram = (...buckets: [string, string, string][]): NativeHistogram => ({
  count: String(buckets.reduce((sum, [, , count]) => sum + Number(count), 0)),
  sum: "30",
  buckets: buckets.map(([low, high, count]) => [0, low, high, count]),
});

const one = histogram(["1", "2", "10"], ["2", "4", "10"]);

describe("a histogram of an answer", () => {
  test("has quantiles that grow by factors within a bucket", () => {
    expect(quantileOf(one, 0.5)).toBeCloseTo(2);
    expect(quantileOf(one, 0.75)).toBeCloseTo(2 * Math.SQRT2);
    expect(quantileOf(one, 1)).toBeCloseTo(4);
    expect(quantileOf({ count: "0", sum: "0" }, 0.5)).toBeNull();
  });

  test("and a mean", () => expect(meanOf(one)).toBe(1.5));
});

describe("a heat map", () => {
  const grid = { from: 0, to: 20, step: 10 };
  test("adds up all series, in bins that all fit into", () => {
    const series = [
      { metric: {}, histograms: [[0, one]] as [number, NativeHistogram][] },
      {
        metric: {},
        histograms: [
          [0, one],
          [20, histogram(["4", "8", "1"])],
        ] as [number, NativeHistogram][],
      },
    ];
    const { times, bounds, counts } = cellsOf(series, grid);
    expect(times).toEqual([0, 10, 20]);
    expect(bounds.map((bound) => Number(bound.toFixed(9)))).toEqual([1, 2, 4, 8]);
    expect(counts).toEqual([
      [20, 20, 0],
      [0, 0, 0],
      [0, 0, 1],
    ]);
  });

  test("has no more bins than can be told apart", () => {
    const fine = Array.from({ length: 300 }, (_, index): [string, string, string] => [
      String(1.01 ** index),
      String(1.01 ** (index + 1)),
      "1",
    ]);
    const { bounds, counts } = cellsOf(
      [{ metric: {}, histograms: [[0, histogram(...fine)]] }],
      grid,
    );
    expect(bounds.length).toBeLessThanOrEqual(62);
    expect(counts[0]?.reduce((sum, count) => sum + count, 0)).toBe(300);
  });
});
