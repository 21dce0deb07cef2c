import { useMemo } from "react";
import type { History } from "@/api/types.ts";
import { useView } from "@/live/view.ts";
import { align, type Joining, linesOf, type Plotted, withPast, withTrends } from "./series.ts";
import type { Question } from "./useHistory.ts";
import { usePast } from "./usePast.ts";

interface Asked {
  question: Question;
  data: History | null;
  /** The name of the only line, where the question is not split. */
  line: string;
  joining: Joining;
}

/** The lines of a history, with their past and their trend where the address wants them. */
export function useCompared({ question, data, line, joining }: Asked): Plotted | null {
  const past = usePast(question, data);
  const trending = useView((view) => view.trend.includes(question.metric));
  const by = question.by;
  return useMemo(() => {
    if (!data) return null;
    const plotted = by
      ? { times: data.times, lines: linesOf(data, by, joining) }
      : align(data.series.length > 0 ? [{ history: data, name: line }] : []);
    const compared = withPast(plotted, past.history, by, past.shift);
    return trending ? withTrends(compared) : compared;
  }, [data, by, line, joining, past.history, past.shift, trending]);
}
