/** What one looks at, and how the address says it. */

import { type Explore, readExplore, UNASKED, writeExplore } from "./explore.ts";
import { DEFAULT_RANGE, parseDuration } from "./range.ts";

export type PageId = "overview" | "api" | "models" | "explore";

/** A window of time that stands still, in seconds since the epoch. */
export interface Span {
  from: number;
  to: number;
}

export interface View {
  page: PageId;
  /** Empty for all services. */
  service: string;
  /** Length of the live window, such as 15m. */
  range: string;
  /** Set while paused or zoomed; null while live. */
  span: Span | null;
  /** Filters such as endpoint=/predict. */
  where: string[];
  /** What every chart is compared with: "previous", a distance such as 1d, or nothing. */
  compare: string;
  /** The charts that show their trend line. */
  trend: string[];
  explore: Explore;
}

const PATHS: Record<PageId, string> = {
  overview: "/",
  api: "/api",
  models: "/models",
  explore: "/explore",
};

export const HOME: View = {
  page: "overview",
  service: "",
  range: DEFAULT_RANGE,
  span: null,
  where: [],
  compare: "",
  trend: [],
  explore: UNASKED,
};

export function readView(path: string, search: string): View {
  const query = new URLSearchParams(search);
  const range = query.get("range") ?? DEFAULT_RANGE;
  const page = readPage(path);
  return {
    page,
    service: query.get("service") ?? "",
    range: parseDuration(range) ? range : DEFAULT_RANGE,
    span: readSpan(query.get("from"), query.get("to")),
    where: query.getAll("where").filter((each) => each.indexOf("=") > 0),
    compare: readCompare(query.get("compare")),
    trend: query.getAll("trend"),
    explore: page === "explore" ? readExplore(query) : UNASKED,
  };
}

export function writeView(view: View): string {
  const query = new URLSearchParams();
  if (view.service) query.set("service", view.service);
  if (view.range !== DEFAULT_RANGE) query.set("range", view.range);
  if (view.span) {
    query.set("from", String(round(view.span.from)));
    query.set("to", String(round(view.span.to)));
  }
  for (const each of view.where) query.append("where", each);
  if (view.compare) query.set("compare", view.compare);
  for (const each of view.trend) query.append("trend", each);
  if (view.page === "explore") writeExplore(view.explore, query);
  const search = query.toString();
  return PATHS[view.page] + (search && `?${search}`);
}

/** Returns how many seconds a view covers. */
export function lengthOf(view: View): number {
  if (view.span) return view.span.to - view.span.from;
  return parseDuration(view.range) ?? 900;
}

function readPage(path: string): PageId {
  const name = path.replace(/\/+$/, "") || "/";
  const found = Object.entries(PATHS).find(([, each]) => each === name);
  return (found?.[0] as PageId | undefined) ?? "overview";
}

function readSpan(from: string | null, to: string | null): Span | null {
  if (!from || !to) return null;
  const span = { from: Number(from), to: Number(to) };
  return Number.isFinite(span.from) && span.to > span.from ? span : null;
}

function readCompare(text: string | null): string {
  return text && (text === "previous" || parseDuration(text)) ? text : "";
}

/** Milliseconds are finer than any step. */
function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
