import type { ReactNode } from "react";
import { isStale, useLive } from "@/live/store.ts";
import { useCurrent, useServices } from "@/live/useCurrent.ts";
import { Comparison } from "./Comparison.tsx";
import { Empty } from "./Empty.tsx";

/** Shows a page's evidence once there is any service, and the lines to add until then. */
export function Gate({ children }: { children: ReactNode }) {
  const current = useCurrent();
  const services = useServices();
  const stale = useLive(isStale);
  if (current && current.services.length === 0 && services.length === 0) return <Empty />;
  return (
    <div className="page" data-stale={stale}>
      <Comparison />
      {children}
    </div>
  );
}
