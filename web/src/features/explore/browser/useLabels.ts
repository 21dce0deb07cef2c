import { useMemo } from "react";
import type { LabelSet } from "@/api/prometheus.ts";
import { type Ask, useReplies } from "@/api/useReplies.ts";
import { selector } from "@/lib/promql.ts";
import type { Grid } from "../grid.ts";

/** More series than this are not counted: nobody clicks through them. */
export const MOST_COUNTED = 5000;

/** The series of a metric within the window. */
export function useSeries(name: string, grid: Grid) {
  // The labels of a window that moves on by seconds are the same.
  const end = Math.ceil(grid.to / 60) * 60;
  const start = Math.floor((grid.from - 60) / 60) * 60;
  const asks = useMemo<Ask[]>(
    () => [
      {
        name: "series",
        resource: "series",
        parameters: { "match[]": selector(name), start, end, limit: MOST_COUNTED },
      },
    ],
    [name, start, end],
  );
  const told = useReplies<LabelSet[]>(asks, 0).told.series;
  return { series: told?.reply?.data ?? null, error: told?.error ?? null };
}
