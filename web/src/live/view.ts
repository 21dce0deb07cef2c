import { create } from "zustand";
import type { Explore } from "@/lib/explore.ts";
import { startOf } from "@/lib/range.ts";
import { lengthOf, type PageId, readView, type Span, type View, writeView } from "@/lib/view.ts";
import { beginning } from "./known.ts";
import { setPaused, useLive } from "./store.ts";

/** The address is the state; this store mirrors it. */
export const useView = create<View>(() => fromAddress());

/** Spans zoomed out of, innermost last, for the way back. */
const zoomedFrom: (Span | null)[] = [];

function fromAddress(): View {
  return readAddress(location.pathname + location.search);
}

/** What Explore asked is there again when one comes back to it from another page. */
function keeping(view: View): View {
  return view.page === "explore" ? view : { ...view, explore: useView.getState().explore };
}

function readAddress(address: string): View {
  const [path = "/", search = ""] = address.split("?");
  return readView(path, search);
}

export function startView(): void {
  addEventListener("popstate", () => useView.setState(keeping(fromAddress())));
  useView.subscribe((view) => setPaused(view.span !== null));
  setPaused(useView.getState().span !== null);
}

export function go(patch: Partial<View>): void {
  const target = writeView({ ...useView.getState(), ...patch });
  if (target !== location.pathname + location.search) history.pushState(null, "", target);
  // Read back, so that the page shows what its link brings back, to the millisecond.
  useView.setState(keeping(readAddress(target)));
}

export function hrefTo(patch: Partial<View>): string {
  return writeView({ ...useView.getState(), ...patch });
}

/** Filters and trend lines belong to the page they were set on. */
export function onPage(page: PageId): Partial<View> {
  return { page, where: [], trend: [] };
}

export function openPage(page: PageId): void {
  go(onPage(page));
}

/** Changes what Explore asks or shows. */
export function explore(patch: Partial<Explore>): void {
  go({ explore: { ...useView.getState().explore, ...patch } });
}

export function setRange(range: string): void {
  zoomedFrom.length = 0;
  go({ range, span: null });
}

export function zoomTo(span: Span): void {
  if (span.to - span.from < 1) return;
  zoomedFrom.push(useView.getState().span);
  go({ span });
}

export function zoomBack(): void {
  if (useView.getState().span) go({ span: zoomedFrom.pop() ?? null });
}

export function togglePause(): void {
  const view = useView.getState();
  if (view.span) {
    zoomedFrom.length = 0;
    go({ span: null });
    return;
  }
  const now = serverNow();
  go({ span: { from: startOf(now, lengthOf(view), beginning()), to: now } });
}

export function toggleFilter(filter: string): void {
  const { where } = useView.getState();
  go({ where: where.includes(filter) ? where.filter((each) => each !== filter) : [filter] });
}

export function toggleCompare(): void {
  go({ compare: useView.getState().compare ? "" : "previous" });
}

export function toggleTrend(chart: string): void {
  const { trend } = useView.getState();
  go({ trend: trend.includes(chart) ? trend.filter((each) => each !== chart) : [...trend, chart] });
}

/** The newest moment the server spoke of, in seconds; this browser's clock until it spoke. */
export function serverNow(): number {
  const { latest, heard } = useLive.getState();
  const times = Object.values(latest).map(({ data }) => (data as { time?: number }).time ?? 0);
  const newest = Math.max(0, ...times);
  return newest > 0 ? newest : (heard ?? Date.now() / 1000);
}
