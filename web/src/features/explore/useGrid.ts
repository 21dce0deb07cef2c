import { useMemo } from "react";
import { refreshFor, stepFor } from "@/lib/range.ts";
import { lengthOf } from "@/lib/view.ts";
import { useTurn } from "@/live/turn.ts";
import { serverNow, useView } from "@/live/view.ts";
import { type Grid, gridOf } from "./grid.ts";

/** Where the points of the window in view lie; a live one moves on as its data does. */
export function useGrid(): Grid {
  const span = useView((view) => view.span);
  const length = useView(lengthOf);
  const chosen = useView((view) => view.explore.step);
  const turn = useTurn(refreshFor(stepFor(length)));
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn is a new end
  return useMemo(() => {
    const to = span?.to ?? serverNow();
    return gridOf(span?.from ?? to - length, to, chosen);
  }, [span, length, chosen, turn]);
}
