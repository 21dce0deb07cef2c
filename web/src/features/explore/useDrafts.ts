import { useReducer, useRef } from "react";
import type { Query } from "@/lib/explore.ts";

/** What is typed and not run yet. */
export interface Drafts {
  textOf: (query: Query) => string;
  write: (query: Query, text: string) => void;
  /** The queries as they are typed. */
  settled: (queries: Query[]) => Query[];
}

/**
 * Each draft remembers what it was made from: a query that was changed from elsewhere wins.
 *
 * Enter may follow a key within one frame, so what is typed is known before it is drawn.
 */
export function useDrafts(): Drafts {
  const drafts = useRef<Record<string, { from: string; text: string }>>({});
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const textOf = ({ name, expr }: Query) => {
    const draft = drafts.current[name];
    return draft && draft.from === expr ? draft.text : expr;
  };
  return {
    textOf,
    write: ({ name, expr }, text) => {
      drafts.current = { ...drafts.current, [name]: { from: expr, text } };
      draw();
    },
    settled: (queries) => queries.map((query) => ({ ...query, expr: textOf(query) })),
  };
}
