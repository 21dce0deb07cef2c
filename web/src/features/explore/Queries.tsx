import { Icon } from "@/components/Icon.tsx";
import { freeName, type Query } from "@/lib/explore.ts";
import { explore, useView } from "@/live/view.ts";
import { noteRun } from "./history.ts";
import { QueryRow } from "./QueryRow.tsx";
import { RunButton } from "./RunButton.tsx";
import { useDrafts } from "./useDrafts.ts";
import type { Exploration } from "./useExploration.ts";

/** On a phone the focus would bring up the keyboard over the page. */
const HOVERS = matchMedia("(hover: hover)").matches;

/** An empty page has one query to begin with. */
const FIRST: Query[] = [{ name: "A", expr: "", legend: "", hidden: false }];

/** The queries, the way to one more, and the button that runs them. */
export function Queries({ exploration }: { exploration: Exploration }) {
  const { queries: asked, browse } = useView((view) => view.explore);
  const queries = asked.length > 0 ? asked : FIRST;
  const drafts = useDrafts();
  const differ = (typed: Query[]) => typed.some(({ expr }, index) => expr !== queries[index]?.expr);
  const settled = drafts.settled(queries);
  const run = () => {
    const typed = drafts.settled(queries);
    noteRun(typed.map(({ expr }) => expr));
    if (differ(typed)) explore({ queries: typed });
    else exploration.again();
  };
  const change = (name: string, patch: Partial<Query>) =>
    explore({
      queries: settled.map((each) => (each.name === name ? { ...each, ...patch } : each)),
    });
  const name = freeName(queries);
  const add = () =>
    name && explore({ queries: [...settled, { name, expr: "", legend: "", hidden: false }] });
  return (
    <section className="queries" aria-label="Queries">
      <ol>
        {queries.map((query) => {
          const outcome = exploration.outcomes.find((each) => each.query.name === query.name);
          return (
            <QueryRow
              key={query.name}
              query={query}
              text={drafts.textOf(query)}
              error={outcome?.error ?? null}
              warnings={outcome?.warnings ?? []}
              focus={HOVERS && browse === "" && query.expr === ""}
              onText={(text) => drafts.write(query, text)}
              onRun={run}
              onChange={(patch) => change(query.name, patch)}
            />
          );
        })}
      </ol>
      <div className="queries-foot">
        <button type="button" className="control" data-testid="add-query" onClick={add}>
          <Icon name="plus" />
          Query
        </button>
        <span className="space" />
        <RunButton
          busy={exploration.busy}
          edited={differ(settled)}
          run={run}
          cancel={exploration.cancel}
        />
      </div>
    </section>
  );
}
