import { useMemo } from "react";
import type { MatrixSeries } from "@/api/prometheus.ts";
import { HeatMap } from "@/charts/HeatMap.tsx";
import { scaleOf, type Unit } from "@/lib/format.ts";
import { startOf } from "@/lib/range.ts";
import { useView } from "@/live/view.ts";
import type { Grid } from "./grid.ts";
import { cellsOf } from "./histograms.ts";

interface Properties {
  series: MatrixSeries[];
  grid: Grid;
  unit: Unit;
}

/** Histograms over time; those of several series are added up. */
export function Heat({ series, grid, unit }: Properties) {
  const cells = useMemo(() => cellsOf(series, grid), [series, grid]);
  const scale = scaleOf(unit, cells.bounds.at(-1) ?? 1);
  const data = useMemo(
    () => ({
      ...cells,
      bounds: cells.bounds.map((bound) => bound * scale.factor),
      unit: scale.unit,
    }),
    [cells, scale.factor, scale.unit],
  );
  const live = useView((view) => view.span === null);
  const first = cells.times.find((_, index) => cells.counts[index]?.some((count) => count > 0));
  const beginning = live && first !== undefined ? first - grid.step : null;
  const from = startOf(grid.to, grid.to - grid.from, beginning);
  const window = useMemo(() => ({ from, to: grid.to }), [from, grid.to]);
  return (
    <>
      <HeatMap data={data} window={window} name="Values over time" />
      {series.length > 1 && (
        <p className="note" role="status">
          The histograms of {series.length} series are added up. histogram_quantile(0.95, …) draws a
          line for each.
        </p>
      )}
    </>
  );
}
