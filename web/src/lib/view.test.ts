import { describe, expect, test } from "vitest";
import { UNASKED } from "./explore.ts";
import { HOME, lengthOf, readView, type View, writeView } from "./view.ts";

function reopened(view: View): View {
  const url = new URL(writeView(view), "http://localhost");
  return readView(url.pathname, url.search);
}

describe("the address", () => {
  test("of the plain overview is bare", () => expect(writeView(HOME)).toBe("/"));

  test("reproduces the view", () => {
    const view: View = {
      page: "api",
      service: "scan api & co/ä",
      range: "6h",
      span: { from: 1_700_000_000.25, to: 1_700_003_600 },
      where: ["endpoint=/scans/{id}?a=b", "status=500"],
      compare: "previous",
      trend: ["mae", "r2"],
      explore: UNASKED,
    };
    expect(reopened(view)).toEqual(view);
  });

  test("reproduces what Explore asks, in its order and with its names", () => {
    const view: View = {
      ...HOME,
      page: "explore",
      compare: "1d",
      explore: {
        queries: [
          { name: "C", expr: 'rate(a_total{path=~"/x&y=.+"}[5m]) # ä', legend: "", hidden: true },
          { name: "A", expr: "up", legend: "{{job}} + {{instance}}", hidden: false },
          { name: "B", expr: "", legend: "", hidden: false },
        ],
        shape: "table",
        step: "30s",
        unit: "bytes",
        stacked: true,
        log: true,
        browse: "up",
      },
    };
    expect(reopened(view)).toEqual(view);
  });

  test("takes a query without a name, as a person would write it", () => {
    const { queries } = readView("/explore", "?q=up&A=1&step=odd").explore;
    expect(queries).toEqual([{ name: "A", expr: "up", legend: "", hidden: false }]);
  });

  test.each([
    "?range=never",
    "?from=5&to=1",
    "?from=a&to=b",
    "?from=1",
    "?where=nothing",
    "?compare=odd",
  ])("with nonsense in it falls back: %s", (search) => expect(readView("/", search)).toEqual(HOME));

  test("knows its pages, with or without a slash at the end", () => {
    expect(readView("/models/", "").page).toBe("models");
    expect(readView("/elsewhere", "").page).toBe("overview");
  });
});

test("a still window is as long as it says, a live one as its range", () => {
  expect(lengthOf({ ...HOME, range: "1h" })).toBe(3600);
  expect(lengthOf({ ...HOME, span: { from: 10, to: 25 } })).toBe(15);
});
