import { expect, test } from "vitest";
import { sayTrend, trendOf } from "./trend.ts";

const NOW = 1_795_000_000;
const times = Array.from({ length: 61 }, (_, index) => NOW + index * 60);

test("a trend is the line of least squares, through gaps and at large times", () => {
  const noisy = times.map((_, index) => (index % 7 === 0 ? null : 10 + index / 60 + (index % 2)));
  const trend = trendOf(times, noisy);
  expect(trend?.slope).toBeCloseTo(1 / 3600, 5);
  expect(trend?.values).toHaveLength(61);
  expect(trend?.values[0]).toBeNull();
  expect(trend?.values[60]).toBeCloseTo(11.5, 1);
});

test("fewer than three values have none, nor have values of one moment", () => {
  expect(trendOf([1, 2, 3], [1, null, 2])).toBeNull();
  expect(trendOf([1, 1, 1], [1, 2, 3])).toBeNull();
});

test("it is said in words, per hour or per day", () => {
  const rising = trendOf(
    times,
    times.map((_, index) => 5e6 + index * 20_000),
  );
  expect(rising && sayTrend(rising, 3600, "bytes")).toBe("rising 1.20 MB per hour");
  expect(rising && sayTrend(rising, 7 * 86_400, "bytes")).toBe("rising 28.8 MB per day");
  const falling = trendOf(
    times,
    times.map((_, index) => 100 - index),
  );
  expect(falling && sayTrend(falling, 3600, "percent")).toBe("falling 60.0 % per hour");
  const level = trendOf(
    times,
    times.map((_, index) => 100 + (index % 2) / 100),
  );
  expect(level && sayTrend(level, 3600, "plain")).toBe("level");
});
