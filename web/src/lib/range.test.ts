import { describe, expect, test } from "vitest";
import {
  coveredRange,
  nameRange,
  parseDuration,
  RANGES,
  refreshFor,
  startOf,
  stepFor,
  writeDuration,
} from "./range.ts";

describe("durations", () => {
  test("are read and written alike", () => {
    for (const range of [...RANGES, "45s", "90m"]) {
      expect(writeDuration(parseDuration(range) ?? 0)).toBe(range);
    }
  });

  test.each(["", "m", "0m", "-5m", "5", "5y", "1.5h"])("%o is none", (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  test("are named in words", () => {
    expect(nameRange("1h")).toBe("Last hour");
    expect(nameRange("15m")).toBe("Last 15 minutes");
  });
});

describe("steps", () => {
  test("keep every range within its points", () => {
    for (const range of [...RANGES, "90d"]) {
      const seconds = parseDuration(range) ?? 0;
      const points = seconds / stepFor(seconds);
      expect(points).toBeLessThanOrEqual(240);
      expect(points).toBeGreaterThanOrEqual(60);
    }
  });

  test("are asked for again no faster than they change, nor slower than a minute", () => {
    expect([1, 5, 30, 3600].map(refreshFor)).toEqual([5, 5, 30, 60]);
  });
});

describe("a live window whose data began within it", () => {
  test("starts with the data, but is never too short to say anything", () => {
    expect(startOf(10_000, 900, 9700)).toBe(9700);
    expect(startOf(10_000, 900, 9990)).toBe(10_000 - 24 * 5);
    expect(startOf(10_000, 900, 2000)).toBe(9100);
    expect(startOf(10_000, 900, null)).toBe(9100);
  });

  test("is asked for in whole minutes, so that rates are not taken over nothing", () => {
    expect(coveredRange("15m", 10_000, 9955)).toBe("1m");
    expect(coveredRange("15m", 10_000, 9700)).toBe("5m");
    expect(coveredRange("15m", 10_000, 9050)).toBe("15m");
    expect(coveredRange("15m", 10_000, null)).toBe("15m");
  });
});
