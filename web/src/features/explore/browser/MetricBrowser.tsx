import { useMemo, useState } from "react";
import { Failure } from "@/components/Failure.tsx";
import { Icon } from "@/components/Icon.tsx";
import { useFirst } from "@/components/Rest.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";
import { type Metric, nameKind, search } from "@/lib/metrics.ts";
import { useMetrics, useSettled } from "@/live/useMetrics.ts";
import { explore } from "@/live/view.ts";
import { MetricDetail } from "./MetricDetail.tsx";

const MOST = 60;

function MetricList({ metrics }: { metrics: Metric[] }) {
  const [text, setText] = useState("");
  const settled = useSettled(text);
  const found = useMemo(() => search(metrics, settled), [metrics, settled]);
  const { first, rest } = useFirst(found, MOST, "metrics");
  return (
    <>
      <input
        className="field"
        type="search"
        data-testid="metric-search"
        aria-label="Search the metrics"
        placeholder={`Search ${metrics.length.toLocaleString("en-US")} metrics by name or meaning`}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      {found.length === 0 && <p className="note">No metric has these words.</p>}
      <ul className="metrics" data-testid="metric-list">
        {first.map(({ name, kind, help }) => (
          <li key={name}>
            <button type="button" onClick={() => explore({ browse: name })}>
              <code className="cut">{name}</code>
              <span className="kind">{nameKind(kind)}</span>
              {help && <span className="help cut">{help}</span>}
            </button>
          </li>
        ))}
      </ul>
      {rest}
    </>
  );
}

/** The metrics there are, and one of them in detail: for people who know no PromQL. */
export function MetricBrowser({ shown }: { shown: string }) {
  const { metrics, error, retry } = useMetrics();
  const metric = metrics?.find(({ name }) => name === shown);
  return (
    <aside className="card browser" aria-label="Metrics" data-testid="browser">
      <header className="browser-head">
        {shown === "*" ? (
          <h2>Metrics</h2>
        ) : (
          <button type="button" className="back" onClick={() => explore({ browse: "*" })}>
            ← All metrics
          </button>
        )}
        <button
          type="button"
          className="control bare"
          aria-label="Close the metrics"
          onClick={() => explore({ browse: "" })}
        >
          <Icon name="close" />
        </button>
      </header>
      <div className="browser-body">
        {error && !metrics ? (
          <Failure error={error} retry={retry} />
        ) : !metrics ? (
          <Skeleton height={320} />
        ) : metric ? (
          <MetricDetail key={metric.name} metric={metric} />
        ) : (
          <>
            {shown !== "*" && <p className="note">No metric is called {shown}.</p>}
            <MetricList metrics={metrics} />
          </>
        )}
      </div>
    </aside>
  );
}
