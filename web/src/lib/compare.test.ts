import { describe, expect, test } from "vitest";
import { besides, changeOf, nameCompare, shiftOf, writeChange } from "./compare.ts";

describe("the other period lies", () => {
  test.each([
    ["", 900, 5, 0],
    ["previous", 900, 5, 900],
    ["previous", 901, 5, 905],
    ["previous", 0.3, 0.1, 0.3],
    ["1d", 900, 7, 86_401],
    ["1h", 900, 15, 3600],
  ])("%s of %d s at %d s: %d s earlier", (compare, length, step, shift) =>
    expect(shiftOf(compare, length, step)).toBeCloseTo(shift),
  );
});

describe("two periods on one axis", () => {
  test("meet at the same places, whatever floats do to sums", () => {
    const past = { times: [100.1, 100.2, 100.4], values: [1, null, 3] };
    expect(besides([400.1, 400.2, 400.3, 400.4], past, 300)).toEqual([1, null, null, 3]);
  });

  test("change by their means where both are known", () => {
    expect(changeOf([2, 4, null, 9], [1, 2, 3, null])).toBe(1);
    expect(changeOf([null], [1])).toBeNull();
    expect(changeOf([0, 0], [0, 0])).toBe(0);
    expect(changeOf([1], [-2])).toBe(1.5);
  });

  test.each([
    [0.123, "+12 %"],
    [-0.034, "−3.4 %"],
    [0.0001, "±0 %"],
    [11, "12 times"],
    [Number.POSITIVE_INFINITY, "was 0"],
    [null, ""],
  ])("%s is written %s", (change, text) => expect(writeChange(change)).toBe(text));

  test("are named in words", () => {
    expect(nameCompare("previous", "15m")).toBe("the previous 15 minutes");
    expect(nameCompare("previous", null)).toBe("the period before");
    expect(nameCompare("1h", "15m")).toBe("an hour earlier");
    expect(nameCompare("7d", "15m")).toBe("a week earlier");
    expect(nameCompare("28d", "15m")).toBe("28 days earlier");
    expect(nameCompare("", "15m")).toBe("");
  });
});
