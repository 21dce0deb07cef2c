import { useEffect, useMemo } from "react";
import { LineChart } from "@/charts/LineChart.tsx";
import { type Plotted, withTrends } from "@/charts/series.ts";
import { useWindow } from "@/charts/useWindow.ts";
import type { Unit } from "@/lib/format.ts";
import { tellKnown } from "@/live/known.ts";
import { useView } from "@/live/view.ts";
import { type Found, MOST_LINES } from "./answers.ts";
import { type Grid, timesOf } from "./grid.ts";

interface Properties {
  drawn: Found[];
  /** How many curves there are in all. */
  all: number;
  grid: Grid;
  unit: Unit;
  busy: boolean;
}

export const CHART = "explore";

/** What a drawing leaves out, in words. */
function leftOut(drawn: Found[], all: number, log: boolean, stacked: boolean): string[] {
  const said: string[] = [];
  if (all > MOST_LINES) {
    said.push(
      `Drawn are ${MOST_LINES} of ${all.toLocaleString("en-US")} series, those with the highest last values. The table has all; sum by (…) or topk(…) make fewer.`,
    );
  }
  const has = (test: (value: number) => boolean) =>
    drawn.some(({ values }) => values.some((value) => value !== null && test(value)));
  if (log && has((value) => value <= 0)) said.push("A log scale has no place for zero and below.");
  if (stacked && has((value) => value < 0)) said.push("Negative values are not stacked.");
  return said;
}

/** The curves of all queries on one axis. */
export function Graph({ drawn, all, grid, unit, busy }: Properties) {
  const { log, stacked } = useView((view) => view.explore);
  const trending = useView((view) => view.trend.includes(CHART));
  const plotted = useMemo(() => {
    const lines: Plotted = { times: timesOf(grid), lines: drawn };
    return trending ? withTrends(lines) : lines;
  }, [drawn, grid, trending]);
  const beneath = drawn.some(({ values }) => values.some((value) => value !== null && value < 0));
  const window = useWindow(
    useMemo(() => ({ times: plotted.times, end: grid.to }), [plotted, grid]),
  );
  const first = plotted.times.find((_, index) =>
    drawn.some(({ values }) => values[index] !== null),
  );
  useEffect(() => {
    tellKnown(CHART, first === undefined ? null : first - grid.step);
    return () => tellKnown(CHART, null);
  }, [first, grid.step]);
  return (
    <>
      <LineChart
        id={CHART}
        name="Result"
        plotted={plotted}
        unit={unit}
        window={window.span}
        complete={null}
        busy={busy}
        single={drawn.length === 1}
        log={log}
        stacked={stacked && !beneath}
        tall
      />
      {leftOut(drawn, all, log, stacked).map((each) => (
        <p key={each} className="note" role="status">
          {each}
        </p>
      ))}
    </>
  );
}
