import type { History } from "@/api/types.ts";
import { useQuery } from "@/api/useQuery.ts";
import { shiftOf } from "@/lib/compare.ts";
import { stepFor } from "@/lib/range.ts";
import { lengthOf, type View } from "@/lib/view.ts";
import { useView } from "@/live/view.ts";
import { historyAddress, type Question } from "./useHistory.ts";

/** A live window moves by so many steps before its past is asked for again. */
const STRIDE = 12;

export interface Past {
  history: History | null;
  /** How many seconds earlier it lies. */
  shift: number;
}

/** The same question of the period that the address compares with. */
export function usePast(question: Question, now: History | null): Past {
  const view = useView();
  const step = stepFor(lengthOf(view), question.points);
  const shift = shiftOf(view.compare, lengthOf(view), step);
  const path = shift > 0 && now ? pastAddress(view, question, { shift, step, end: now.end }) : null;
  const { data, of } = useQuery<History>(path);
  return { history: path !== null && of === path ? data : null, shift };
}

function pastAddress(
  view: View,
  question: Question,
  { shift, step, end }: { shift: number; step: number; end: number },
): string {
  const stride = step * STRIDE;
  const to = view.span?.to ?? Math.ceil(end / stride) * stride;
  const from = view.span?.from ?? to - stride - lengthOf(view);
  return historyAddress({ ...view, span: { from: from - shift, to: to - shift } }, question, step);
}
