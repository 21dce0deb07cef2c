import { address } from "@/api/client.ts";
import type { Distribution } from "@/api/types.ts";
import { type Answer, useQuery } from "@/api/useQuery.ts";
import { refreshFor, stepFor, writeDuration } from "@/lib/range.ts";
import { lengthOf } from "@/lib/view.ts";
import { useTurn } from "@/live/turn.ts";
import { useView } from "@/live/view.ts";

const COLUMNS = 90;

/** How values spread over the window in view, as a whole and over time. */
export function useDistribution(metric: string, where?: string[]): Answer<Distribution> {
  const view = useView();
  const step = stepFor(lengthOf(view), COLUMNS);
  const window = view.span
    ? { start: view.span.from.toFixed(3), end: view.span.to.toFixed(3) }
    : { range: view.range };
  const path = address("/metrics/distribution", {
    metric,
    ...window,
    step: writeDuration(step),
    service: view.service,
    where: where ?? view.where,
  });
  return useQuery<Distribution>(path, useTurn(refreshFor(step)));
}
