import { useMemo } from "react";
import { useCurrent, useServices } from "@/live/useCurrent.ts";

/** All services the server knows, by name. */
export function useServiceNames(): string[] {
  const services = useServices();
  const current = useCurrent();
  return useMemo(() => {
    const names = new Set([
      ...services.map(({ service }) => service),
      ...(current?.services ?? []),
    ]);
    return [...names].sort();
  }, [services, current]);
}
