import { useMemo } from "react";
import type { MatrixSeries } from "@/api/prometheus.ts";
import { HeatMap } from "@/charts/HeatMap.tsx";
import { scaleOf, type Unit } from "@/lib/format.ts";
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
  return (
    <>
      <HeatMap data={data} window={grid} name="Values over time" />
      {series.length > 1 && (
        <p className="note" role="status">
          The histograms of {series.length} series are added up. histogram_quantile(0.95, …) draws a
          line for each.
        </p>
      )}
    </>
  );
}
