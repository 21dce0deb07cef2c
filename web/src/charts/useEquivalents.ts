import { useMemo } from "react";
import { equivalent, legendOf } from "@/lib/equivalents.ts";
import type { Query } from "@/lib/explore.ts";
import { rateWindow } from "@/lib/promql.ts";
import { stepFor } from "@/lib/range.ts";
import { lengthOf } from "@/lib/view.ts";
import { useView } from "@/live/view.ts";
import type { Question } from "./useHistory.ts";

const NAMES = "ABC";

/**
 * What a chart of the pages asks, in PromQL; empty where it has no word for it. `names` are the
 * lines of the questions that are not split.
 */
export function useEquivalents(questions: Question[], names: string[]): Query[] {
  const view = useView();
  const identity = JSON.stringify([questions, names]);
  return useMemo(() => {
    const window = rateWindow(stepFor(lengthOf(view)));
    const [asked, lines] = JSON.parse(identity) as [Question[], string[]];
    return asked.flatMap(({ metric, by, where = view.where, service = view.service }, index) => {
      const expr = equivalent(metric, { service, where, by, window });
      const legend = by ? legendOf(by) : (lines[index] ?? "");
      return expr ? [{ name: NAMES[index] ?? "Z", expr, legend, hidden: false }] : [];
    });
  }, [identity, view]);
}
