import { useLive } from "./store.ts";

/**
 * Counts stretches of `seconds` by the server's clock: changes when new data is worth asking for,
 * stands still while paused or cut off.
 */
export function useTurn(seconds: number): number {
  return useLive((live) => {
    let newest = 0;
    for (const { data } of Object.values(live.shown)) {
      newest = Math.max(newest, (data as { time?: number }).time ?? 0);
    }
    return Math.floor(newest / seconds);
  });
}
