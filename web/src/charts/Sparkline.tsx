import { useMemo } from "react";
import { sparkShape } from "./spark.ts";

/** A line of 1 px with its last value dotted; decoration to the figure beside it. */
export function Sparkline({ values }: { values: (number | null)[] | undefined }) {
  const { path, last } = useMemo(() => sparkShape(values ?? []), [values]);
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
