/** What Explore asks and how it shows it, and how the address says it. */

import { parseDuration } from "./range.ts";

export interface Query {
  /** A letter: A, B, C, and so on. It stays with the query when the order changes. */
  name: string;
  expr: string;
  /** The template of its series' names, such as {{instance}}; empty for what tells them apart. */
  legend: string;
  hidden: boolean;
}

export type Shape = "graph" | "table";

export interface Explore {
  queries: Query[];
  shape: Shape;
  /** Time between two points, such as 30s; empty for what fits the window. */
  step: string;
  /** A name of lib/units.ts; empty for a guess. */
  unit: string;
  stacked: boolean;
  log: boolean;
  /** The metric the browser shows; "*" for its list; empty while it is closed. */
  browse: string;
}

export const UNASKED: Explore = {
  queries: [],
  shape: "graph",
  step: "",
  unit: "",
  stacked: false,
  log: false,
  browse: "",
};

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The first letter that no query has; null when all are taken. */
export function freeName(queries: Query[]): string | null {
  return [...LETTERS].find((letter) => !queries.some(({ name }) => name === letter)) ?? null;
}

export function readExplore(search: URLSearchParams): Explore {
  const queries: Query[] = [];
  for (const [key, expr] of search) {
    const name = key === "q" ? freeName(queries) : key;
    if (!name || name.length > 1 || !LETTERS.includes(name)) continue;
    if (queries.some((query) => query.name === name)) continue;
    const legend = search.get(`${name}.legend`) ?? "";
    queries.push({ name, expr, legend, hidden: search.has(`${name}.hidden`) });
  }
  const step = search.get("step") ?? "";
  return {
    queries,
    shape: search.get("as") === "table" ? "table" : "graph",
    step: parseDuration(step) ? step : "",
    unit: search.get("unit") ?? "",
    stacked: search.has("stacked"),
    log: search.has("log"),
    browse: search.get("browse") ?? "",
  };
}

export function writeExplore(explore: Explore, search: URLSearchParams): void {
  for (const { name, expr, legend, hidden } of explore.queries) {
    search.append(name, expr);
    if (legend) search.set(`${name}.legend`, legend);
    if (hidden) search.set(`${name}.hidden`, "1");
  }
  if (explore.shape !== "graph") search.set("as", explore.shape);
  for (const key of ["step", "unit", "browse"] as const)
    if (explore[key]) search.set(key, explore[key]);
  for (const key of ["stacked", "log"] as const) if (explore[key]) search.set(key, "1");
}

/** Adds an expression as a query of its own, or puts it where an empty one waits. */
export function withQuery(queries: Query[], expr: string): Query[] {
  const empty = queries.find((query) => query.expr.trim() === "");
  if (empty) return queries.map((each) => (each === empty ? { ...each, expr } : each));
  const name = freeName(queries);
  return name ? [...queries, { name, expr, legend: "", hidden: false }] : queries;
}

/** Moves a query up (-1) or down (+1); at the end it stays. */
export function moved(queries: Query[], name: string, by: -1 | 1): Query[] {
  const from = queries.findIndex((query) => query.name === name);
  const to = from + by;
  const [here, there] = [queries[from], queries[to]];
  if (!here || !there) return queries;
  return queries.with(from, there).with(to, here);
}
