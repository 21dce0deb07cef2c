import { useMemo } from "react";
import { startOf } from "@/lib/range.ts";
import { lengthOf, type Span } from "@/lib/view.ts";
import { useBeginning } from "@/live/known.ts";
import { useView } from "@/live/view.ts";

/** What a chart covers, and where its last whole interval ends. */
export function useWindow(history: { times: number[]; end: number } | null): {
  span: Span;
  complete: number | null;
} {
  const view = useView();
  const beginning = useBeginning();
  return useMemo(() => {
    const to = view.span?.to ?? history?.end ?? Date.now() / 1000;
    const span = view.span ?? { from: startOf(to, lengthOf(view), beginning), to };
    const last = history?.times.at(-1);
    const open = view.span === null && history && last !== undefined && last < history.end;
    return { span, complete: open ? last : null };
  }, [view, history, beginning]);
}
