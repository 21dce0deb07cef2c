import { describe, expect, test } from "vitest";
import { nameRange, parseDuration, RANGES, refreshFor, stepFor, writeDuration } from "./range.ts";

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
