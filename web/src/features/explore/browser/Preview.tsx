import { useMemo } from "react";
import type { Result } from "@/api/prometheus.ts";
import { type Ask, useReplies } from "@/api/useReplies.ts";
import { LineChart } from "@/charts/LineChart.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";
import { stepFor } from "@/lib/range.ts";
import { curvesOf, topOf } from "../answers.ts";
import { type Grid, gridOf, timesOf } from "../grid.ts";
import { Heat } from "../Heat.tsx";
import { matrixOf } from "../useExploration.ts";
import { useUnit } from "../useUnit.ts";

const POINTS = 80;
const LINES = 5;

interface Properties {
  expr: string;
  legend: string;
  grid: Grid;
}

/** What a query looks like, before it is taken. */
export function Preview({ expr, legend, grid }: Properties) {
  const coarse = useMemo(
    () => gridOf(grid.from, grid.to, `${stepFor(grid.to - grid.from, POINTS)}s`),
    [grid],
  );
  const query = useMemo(() => ({ name: "A", expr, legend, hidden: false }), [expr, legend]);
  const asks = useMemo<Ask[]>(() => {
    const { from: start, to: end, step } = coarse;
    return [{ name: "A", resource: "query_range", parameters: { query: expr, start, end, step } }];
  }, [expr, coarse]);
  const told = useReplies<Result>(asks, 0).told.A;
  const result = useMemo(() => matrixOf(told?.reply?.data ?? null), [told]);
  const curves = useMemo(
    () => curvesOf(result ? [{ query, result }] : [], coarse, 0),
    [query, result, coarse],
  );
  const plotted = useMemo(
    () => ({ times: timesOf(coarse), lines: topOf(curves, LINES) }),
    [curves, coarse],
  );
  const heat = result?.filter(({ histograms }) => histograms) ?? [];
  const unit = useUnit(
    useMemo(() => [query], [query]),
    "",
    heat.length > 0,
  );
  if (told?.error) return <p className="note wrong">{told.error.message}</p>;
  if (!result) return <Skeleton height={216} />;
  if (heat.length > 0) return <Heat series={heat} grid={coarse} unit={unit} />;
  if (curves.length === 0) return <p className="note nothing">Nothing in this window.</p>;
  return (
    <>
      <LineChart
        id="preview"
        name="Preview"
        plotted={plotted}
        unit={unit}
        window={coarse}
        complete={null}
        busy={told?.busy === true && told.of?.parameters.query !== expr}
        single={curves.length === 1}
      />
      {curves.length > LINES && (
        <p className="note">
          the highest {LINES} of {curves.length.toLocaleString("en-US")} series
        </p>
      )}
    </>
  );
}
