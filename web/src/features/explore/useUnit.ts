import { useMemo } from "react";
import type { Query } from "@/lib/explore.ts";
import type { Unit } from "@/lib/format.ts";
import { CHOICES, type Declared, guessHistogramUnit, guessUnit } from "@/lib/units.ts";
import { useMetadata } from "@/live/useMetrics.ts";

/** The unit of what is shown: the chosen one, or a guess where all queries agree. */
export function useUnit(queries: Query[], chosen = "", histograms = false): Unit {
  const metadata = useMetadata();
  return useMemo(() => {
    if (chosen in CHOICES) return chosen as Unit;
    const declared: Declared = (metric) => metadata?.[metric]?.[0]?.unit || undefined;
    const asked = queries.filter(({ expr, hidden }) => expr && !hidden);
    const [first = "plain", ...others] = asked.map(({ expr }) =>
      histograms ? guessHistogramUnit(expr, declared) : guessUnit(expr, declared),
    );
    return others.every((each) => each === first) ? first : "plain";
  }, [chosen, queries, histograms, metadata]);
}
