import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { patiently } from "@/lib/patience.ts";
import { useLive } from "./store.ts";

type Load<P> = () => Promise<{ default: ComponentType<P> }>;

const TRIES = 3;

/** The server answers, and yet has no such code: it was updated while this page was open. */
export class ChunkMissing extends Error {}

const loads: (() => Promise<unknown>)[] = [];

/**
 * A component whose code comes when it is first shown. While the server is away it is waited for:
 * thrown, the failure would take down what is on the page already.
 */
export function chunk<P>(load: Load<P>): LazyExoticComponent<ComponentType<P>> {
  loads.push(load);
  return lazy(() =>
    patiently(load, isHopeless).catch((error: unknown) => {
      throw new ChunkMissing("A part of this page could not be loaded.", { cause: error });
    }),
  );
}

function isHopeless(failures: number): boolean {
  const { state } = useLive.getState();
  return failures >= TRIES && (state === "websocket" || state === "polling");
}

/** Brings all code that may be needed later, once the browser has nothing better to do. */
export function fetchAhead(): void {
  const fetchAll = () => {
    // What fails now is tried again when it is shown.
    for (const load of loads) load().catch(() => undefined);
  };
  if ("requestIdleCallback" in globalThis) requestIdleCallback(fetchAll, { timeout: 5000 });
  else setTimeout(fetchAll, 1000);
}
