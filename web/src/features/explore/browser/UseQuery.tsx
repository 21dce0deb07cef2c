import { freeName, type Query } from "@/lib/explore.ts";
import { explore, useView } from "@/live/view.ts";
import { noteRun } from "../history.ts";

/** The query that the choices make, and where to put it. */
export function UseQuery({ expr, legend }: { expr: string; legend: string }) {
  const queries = useView((view) => view.explore.queries);
  const asked = queries.filter((query) => query.expr.trim() !== "");
  const free = freeName(asked);
  const put = (next: Query[]) => {
    noteRun([expr]);
    explore({ queries: next });
  };
  const over = (name: string) => ({ name, expr, legend, hidden: false });
  const last = asked.at(-1);
  return (
    <div className="use">
      <pre>
        <code data-testid="written">{expr}</code>
      </pre>
      <div className="actions">
        {last && (
          <button
            type="button"
            className="action"
            data-testid="replace"
            onClick={() =>
              put(asked.map((query) => (query.name === last.name ? over(query.name) : query)))
            }
          >
            Put in {last.name}
          </button>
        )}
        {free && (
          <button
            type="button"
            className="action primary"
            data-testid="use"
            onClick={() => put([...asked, over(free)])}
          >
            {last ? `Add as ${free}` : "Ask this"}
          </button>
        )}
      </div>
    </div>
  );
}
