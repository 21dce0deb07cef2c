import { useMemo, useState } from "react";
import { type Metric, nameKind } from "@/lib/metrics.ts";
import { oneOf, rateWindow } from "@/lib/promql.ts";
import { useView } from "@/live/view.ts";
import { useGrid } from "../useGrid.ts";
import { LabelPicks } from "./LabelPicks.tsx";
import { labelsOf, narrowed } from "./labels.ts";
import { Preview } from "./Preview.tsx";
import { legendFor, sightsOf, storedName, writeQuery } from "./sights.ts";
import { UseQuery } from "./UseQuery.tsx";
import { MOST_COUNTED, useSeries } from "./useLabels.ts";

/** Begins with the chosen service, where the page has one. */
function useChosen() {
  const service = useView((view) => view.service);
  return useState<Record<string, string[]>>(service ? { job: [service] } : {});
}

/** One metric: what it is, what it looks like, and a query of it by clicking. */
export function MetricDetail({ metric }: { metric: Metric }) {
  const grid = useGrid();
  const { series } = useSeries(storedName(metric), grid);
  const sights = sightsOf(metric.kind);
  const [sight, setSight] = useState(sights[0]?.id ?? "each");
  const [chosen, setChosen] = useChosen();
  const [by, setBy] = useState<string[]>([]);
  const splits = sights.find(({ id }) => id === sight)?.splits !== false;
  const labels = useMemo(() => labelsOf(series ?? []), [series]);
  const count = narrowed(series ?? [], chosen).length;
  const matchers = Object.entries(chosen).flatMap(([label, values]) =>
    values.length > 0 ? [oneOf(label, values)] : [],
  );
  const split = splits ? by : [];
  const window = rateWindow(grid.step);
  const expr = writeQuery({ metric, matchers, by: split, window }, sight);
  const many = series !== null && series.length >= MOST_COUNTED;
  return (
    <div className="detail">
      <h3>
        <code>{metric.name}</code>
      </h3>
      <p className="about">
        <span className="kind">{nameKind(metric.kind)}</span>
        {metric.unit && <span className="kind">{metric.unit}</span>}
        {series && (
          <span>
            {many ? "at least " : ""}
            {count.toLocaleString("en-US")} series
          </span>
        )}
      </p>
      {metric.help && <p className="about">{metric.help}</p>}
      <label className="pick">
        <span>What to see</span>
        <select
          className="field"
          data-testid="sight"
          value={sight}
          onChange={(event) => setSight(event.target.value)}
        >
          {sights.map(({ id, words }) => (
            <option key={id} value={id}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <Preview expr={expr} legend={legendFor(split)} grid={grid} />
      <UseQuery expr={expr} legend={legendFor(split)} />
      <LabelPicks
        labels={labels}
        chosen={chosen}
        by={by}
        splits={splits}
        onChosen={(label, values) => setChosen({ ...chosen, [label]: values })}
        onBy={setBy}
      />
    </div>
  );
}
