import { describe, expect, test } from "vitest";
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
    };
    expect(reopened(view)).toEqual(view);
  });

  test.each(["?range=never", "?from=5&to=1", "?from=a&to=b", "?from=1", "?where=nothing"])(
    "with nonsense in it falls back: %s",
    (search) => expect(readView("/", search)).toEqual(HOME),
  );

  test("knows its pages, with or without a slash at the end", () => {
    expect(readView("/models/", "").page).toBe("models");
    expect(readView("/elsewhere", "").page).toBe("overview");
  });
});

test("a still window is as long as it says, a live one as its range", () => {
  expect(lengthOf({ ...HOME, range: "1h" })).toBe(3600);
  expect(lengthOf({ ...HOME, span: { from: 10, to: 25 } })).toBe(15);
});
