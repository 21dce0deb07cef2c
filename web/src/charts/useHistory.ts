import { useEffect, useRef, useState } from "react";
import { address, getJson } from "@/api/client.ts";
import { mergeTail } from "@/api/merge.ts";
import type { History } from "@/api/types.ts";
import { type Answer, useQuery } from "@/api/useQuery.ts";
import { refreshFor, stepFor, writeDuration } from "@/lib/range.ts";
import { lengthOf, type View } from "@/lib/view.ts";
import { tellKnown } from "@/live/known.ts";
import { useTurn } from "@/live/turn.ts";
import { useView } from "@/live/view.ts";

export interface Question {
  metric: string;
  by?: string;
  where?: string[];
  service?: string;
  /** How many points are worth drawing. */
  points?: number;
}

/** The history of a metric over the window in view; while live, its tail follows the server. */
export function useHistory(question: Question | null): Answer<History> & { busy: boolean } {
  const view = useView();
  const step = stepFor(lengthOf(view), question?.points);
  const path = question && historyAddress(view, question, step);
  const answer = useQuery<History>(path);
  const turn = useTurn(refreshFor(step));
  const data = useTail(view, question, step, answer, path, turn);
  useTold(path, data);
  return { ...answer, data, busy: path !== null && answer.of !== path && !answer.error };
}

export function historyAddress(view: View, question: Question, step: number): string {
  const { metric, by, where = view.where, service = view.service } = question;
  const window = view.span
    ? { start: view.span.from.toFixed(3), end: view.span.to.toFixed(3) }
    : { range: view.range };
  return address("/metrics/history", {
    metric,
    ...window,
    step: writeDuration(step),
    service,
    by,
    where,
  });
}

/** Asks for the last steps alone at each turn, and joins them to what stands. */
function useTail(
  view: View,
  question: Question | null,
  step: number,
  answer: Answer<History>,
  path: string | null,
  turn: number,
): History | null {
  const [merged, setMerged] = useState<{ base: History; data: History } | null>(null);
  const asked = useRef(turn);
  const base = answer.data;
  const live = view.span === null && base !== null && answer.of === path;
  const current = merged && merged.base === base ? merged.data : base;
  const length = lengthOf(view);

  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new turn asks for the tail
  useEffect(() => {
    if (!live || !question || !current || asked.current === turn) return;
    asked.current = turn;
    const controller = new AbortController();
    const missing = Math.max(0, turnSeconds(turn, step) - (current.times.at(-1) ?? 0));
    const range = writeDuration(Math.min(length, missing + 3 * step));
    const tail = historyAddress({ ...view, range }, question, step);
    getJson<History>(tail, controller.signal).then(
      (late) => setMerged({ base, data: mergeTail(current, late, late.end - length) }),
      () => undefined, // the connection indicator tells; the next turn asks again
    );
    return () => controller.abort();
  }, [turn, live]);

  return current;
}

/** A value stands for the step up to its time, so it is known from one step earlier on. */
function useTold(path: string | null, data: History | null): void {
  const first = data?.times.find((_, index) =>
    data.series.some(({ values }) => values[index] !== null),
  );
  const since = data && first !== undefined ? first - data.step : null;
  useEffect(() => {
    if (path === null) return;
    tellKnown(path, since);
    return () => tellKnown(path, null);
  }, [path, since]);
}

function turnSeconds(turn: number, step: number): number {
  return turn * refreshFor(step);
}
