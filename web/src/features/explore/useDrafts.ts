import { useState } from "react";
import type { Query } from "@/lib/explore.ts";

/** What is typed and not run yet. */
export interface Drafts {
  textOf: (query: Query) => string;
  write: (query: Query, text: string) => void;
  /** The queries as they are typed. */
  settled: (queries: Query[]) => Query[];
}

/** Each draft remembers what it was made from: a query that was changed from elsewhere wins. */
export function useDrafts(): Drafts {
  const [drafts, setDrafts] = useState<Record<string, { from: string; text: string }>>({});
  const textOf = ({ name, expr }: Query) => {
    const draft = drafts[name];
    return draft && draft.from === expr ? draft.text : expr;
  };
  return {
    textOf,
    write: ({ name, expr }, text) => setDrafts((all) => ({ ...all, [name]: { from: expr, text } })),
    settled: (queries) => queries.map((query) => ({ ...query, expr: textOf(query) })),
  };
}
