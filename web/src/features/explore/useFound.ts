import { useMemo } from "react";
import type { MatrixSeries } from "@/api/prometheus.ts";
import { curvesOf, type Found, type Row, rowsOf } from "./answers.ts";
import { type Exploration, matrixOf } from "./useExploration.ts";

export interface All {
  curves: Found[];
  /** Series of histograms. */
  heat: MatrixSeries[];
  /** The rows of a table; null while a graph is shown. */
  rows: Row[] | null;
  /** All that was answered are histograms. */
  histograms: boolean;
}

/** The answers of all queries, put together. */
export function useFound({ outcomes, shape, grid, shift }: Exploration): All {
  return useMemo(() => {
    const matrices = outcomes.flatMap(({ query, result, past }) => {
      const matrix = shape === "graph" ? matrixOf(result) : null;
      const before = matrixOf(past);
      return matrix ? [{ query, result: matrix, ...(before && { past: before }) }] : [];
    });
    const instants = outcomes.flatMap(({ query, result, past }) =>
      result && shape === "table" ? [{ query, result, ...(past && { past }) }] : [],
    );
    const curves = curvesOf(matrices, grid, shift);
    const heat = matrices.flatMap(({ result }) => result.filter(({ histograms }) => histograms));
    const rows = instants.length > 0 ? rowsOf(instants) : null;
    const counted = rows ? rows.every(({ histogram }) => histogram) : curves.length === 0;
    const any = rows ? rows.length > 0 : heat.length > 0;
    return { curves, heat, rows, histograms: counted && any };
  }, [outcomes, shape, grid, shift]);
}
