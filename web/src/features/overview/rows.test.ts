import { expect, test } from "vitest";
import type { Worst } from "@/lib/verdict.ts";
import { foremost, type ServiceRow } from "./rows.ts";

function row(service: string, worst: Worst): ServiceRow {
  const unknown = { uptime: null, requests: null, errorRate: null, cpu: null, memory: null };
  return { service, worst, stale: false, age: 0, ...unknown };
}

const ROWS = [row("a", "well"), row("b", "warning"), row("c", "critical"), row("d", "well")];
const names = (rows: ServiceRow[]) => rows.map(({ service }) => service).join("");

test("rows that all fit keep their place", () => {
  expect(names(foremost(ROWS, 4))).toBe("abcd");
});

test("of too many rows those that are not well come first", () => {
  expect(names(foremost(ROWS, 3))).toBe("cbad");
});
