import { useMemo } from "react";
import type { History } from "@/api/types.ts";
import { sparkShape } from "./spark.ts";
import { useWindow } from "./useWindow.ts";

interface Properties {
  history: History | null;
  /** The service whose line it is, where the history is split by service. */
  service?: string;
}

/** A line of 1 px with its last value dotted; decoration to the figure beside it. */
export function Sparkline({ history, service }: Properties) {
  const { from } = useWindow(history).span;
  const { path, last } = useMemo(() => {
    const values = valuesOf(history, service) ?? [];
    const first = history?.times.findIndex((time) => time > from) ?? 0;
    return sparkShape(values.slice(Math.max(0, first)));
  }, [history, service, from]);
  return (
    <svg className="spark" aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 20">
      <path d={path} />
      {last && (
        // A line of no length is a dot that keeps its shape while the box is stretched.
        <path className="dot" d={`M${last.x * 100} ${last.y * 20}h0`} />
      )}
    </svg>
  );
}

export function valuesOf(history: History | null, service?: string) {
  const own = history?.series.find(({ labels }) => !service || labels.service === service);
  return own?.values;
}
