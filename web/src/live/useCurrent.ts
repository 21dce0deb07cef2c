import { useEffect } from "react";
import type { Current, Service, Services } from "@/api/types.ts";
import { currentChannel, follower, SERVICES, useLive } from "./store.ts";
import { useView } from "./view.ts";

/** Follows a channel for as long as the asking part is on the page. */
export function useChannel<T>(channel: string): T | undefined {
  useEffect(() => {
    follower.follow(channel);
    return () => follower.leave(channel);
  }, [channel]);
  return useLive((live) => live.shown[channel]?.data as T | undefined);
}

/** The figures of the chosen service, or of all. */
export function useCurrent(): Current | undefined {
  const service = useView((view) => view.service);
  return useLive((live) => live.shown[currentChannel(service)]?.data as Current | undefined);
}

const NONE: Service[] = [];

export function useServices(): Service[] {
  return useLive((live) => (live.shown[SERVICES]?.data as Services | undefined)?.services) ?? NONE;
}

/** Follows what the frame itself shows. */
export function useFrame(): void {
  useChannel(SERVICES);
  useChannel(currentChannel(useView((view) => view.service)));
}
