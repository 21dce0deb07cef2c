import { describe, expect, test } from "vitest";
import { QueryError } from "./prometheus.ts";

describe("a refused query", () => {
  const text = "sum(rate(up[5m])\n  / foo";
  test("says what is wrong, and marks where", () => {
    const error = new QueryError(
      "bad_data",
      'invalid parameter "query": 2:5: parse error: unknown function',
    );
    expect(error.message).toBe("unknown function.");
    expect(error.placeIn(text)).toEqual({ from: 21, to: 24 });
  });

  test("that ends too soon is marked at its end", () =>
    expect(new QueryError("bad_data", "1:90: parse error: unclosed").placeIn("sum(")).toEqual({
      from: 3,
      to: 4,
    }));

  test("may name no place", () => {
    const error = new QueryError("timeout", "the query took longer than 120 s");
    expect(error.placeIn(text)).toBeNull();
    expect(error.hint).toContain("shorter range");
  });
});
