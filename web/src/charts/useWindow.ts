import { useMemo } from "react";
import type { History } from "@/api/types.ts";
import { lengthOf, type Span } from "@/lib/view.ts";
import { useView } from "@/live/view.ts";

/** What a chart covers, and where its last whole interval ends. */
export function useWindow(history: History | null): { span: Span; complete: number | null } {
  const view = useView();
  return useMemo(() => {
    const to = view.span?.to ?? history?.end ?? Date.now() / 1000;
    const span = view.span ?? { from: to - lengthOf(view), to };
    const last = history?.times.at(-1);
    const open = view.span === null && history && last !== undefined && last < history.end;
    return { span, complete: open ? last : null };
  }, [view, history]);
}
