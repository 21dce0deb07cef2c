import { Suspense, useMemo, useState } from "react";
import type { ApiError } from "@/api/client.ts";
import { QueryError } from "@/api/prometheus.ts";
import { Icon } from "@/components/Icon.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";
import type { Query } from "@/lib/explore.ts";
import { chunk } from "@/live/chunk.ts";
import { QueryMenu } from "./QueryMenu.tsx";

const Editor = chunk(() => import("./editor/Editor.tsx"));

interface Properties {
  query: Query;
  text: string;
  error: ApiError | null;
  warnings: string[];
  focus: boolean;
  onText: (text: string) => void;
  onRun: () => void;
  onChange: (patch: Partial<Query>) => void;
}

/** One query: its name, which hides it, its text, what is wrong with it, and its menu. */
export function QueryRow(properties: Properties) {
  const { query, text, error, warnings, focus, onText, onRun, onChange } = properties;
  const { name, hidden } = query;
  const [problem, setProblem] = useState<string | null>(null);
  const wrong = useMemo(() => {
    const place = error instanceof QueryError && error.placeIn(query.expr);
    return place ? { message: error.message, place } : null;
  }, [error, query.expr]);
  // What the editor finds is of what is typed; what the server said, of what was run.
  const said =
    text === query.expr && error
      ? `${error.message} ${error.hint}`.replaceAll("`", "").trim()
      : problem;
  return (
    <li className="query" data-testid={`query-${name}`} data-hidden={hidden}>
      <button
        type="button"
        className="query-name"
        aria-pressed={!hidden}
        title={hidden ? `Show ${name}` : `Hide ${name}`}
        aria-label={`Query ${name}`}
        onClick={() => onChange({ hidden: !hidden })}
      >
        {name}
      </button>
      <div className="query-text" data-wrong={said !== null}>
        <Suspense fallback={<Skeleton height={34} />}>
          <Editor
            label={`Query ${name} in PromQL`}
            value={text}
            wrong={wrong}
            focus={focus}
            listener={{ change: onText, run: onRun, problem: setProblem }}
          />
        </Suspense>
      </div>
      <QueryMenu query={query} onChange={onChange} />
      {said && (
        <p className="query-said wrong" role="alert">
          <Icon name="close" /> {said}
        </p>
      )}
      {!error && warnings.length > 0 && (
        <p className="query-said warned" role="status">
          {warnings.join(" · ")}
        </p>
      )}
    </li>
  );
}
