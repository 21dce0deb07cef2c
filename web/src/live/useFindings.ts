import { useMemo } from "react";
import { type Finding, findings } from "@/lib/verdict.ts";
import { useCurrent, useServices } from "./useCurrent.ts";

const NONE: Finding[] = [];

/** What is not well now, worst first. */
export function useFindings(): Finding[] {
  const current = useCurrent();
  const services = useServices();
  return useMemo(() => (current ? findings(current, services) : NONE), [current, services]);
}

const started = new Map<string, number>();
let watching = 0;

/**
 * Returns since when a finding stands, where this page saw it begin; null where it was there
 * already when the page opened.
 */
export function sinceOf(list: Finding[], now: number): Map<string, number | null> {
  if (watching === 0) watching = now;
  const ids = new Set(list.map(({ id }) => id));
  for (const id of started.keys()) if (!ids.has(id)) started.delete(id);
  for (const id of ids) if (!started.has(id)) started.set(id, now);
  return new Map(
    [...started].map(([id, time]) => [id, time - watching > 3 ? time : null] as const),
  );
}
