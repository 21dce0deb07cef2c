import { describe, expect, test } from "vitest";
import { duration, figure, grouped, mark, NOTHING, quantity, written } from "./format.ts";

describe("figures", () => {
  test.each([
    [0, "0"],
    [0.0123, "0.012"],
    [1.2345, "1.23"],
    [12.345, "12.3"],
    [612.4, "612"],
    [1234.5, "1,235"],
    [12_345, "12.3K"],
    [-4.2, "-4.20"],
  ])("%f reads %s", (value, text) => expect(figure(value)).toBe(text));

  test("no data is not zero", () => {
    for (const value of [null, undefined, Number.NaN]) {
      expect(figure(value)).toBe(NOTHING);
      expect(grouped(value)).toBe(NOTHING);
      expect(quantity(value, "ms")).toEqual({ value: NOTHING, unit: "" });
    }
  });

  test("a total keeps every digit", () => expect(grouped(12_345_678)).toBe("12,345,678"));

  test.each([
    [0.5, "ms", "500 µs"],
    [4.23, "ms", "4.2 ms"],
    [9999, "ms", "9,999 ms"],
    [12_000, "ms", "12.0 s"],
    [4.21, "percent", "4.2 %"],
    [100, "percent", "100 %"],
    [0.04, "percent", "0.04 %"],
    [312.4, "mb", "312 MB"],
    [0.05, "mb", "50.0 kB"],
    [12_000, "mb", "12.0 GB"],
    [310, "rate", "310/min"],
  ] as const)("%f in %s reads %s", (value, unit, text) => expect(written(value, unit)).toBe(text));

  test("a mark on an axis has no more digits than it needs", () => {
    expect([0, 0.25, 4, 2000, 15_000].map(mark)).toEqual(["0", "0.25", "4", "2,000", "15K"]);
  });
});

test.each([
  [0.4, "0 s"],
  [59, "59 s"],
  [60, "1 min"],
  [3725, "1 h 2 min"],
  [90_000, "1 d 1 h"],
  [null, NOTHING],
])("%s seconds last %s", (seconds, text) => expect(duration(seconds)).toBe(text));
