import { useMemo } from "react";
import type { MatrixSeries } from "@/api/prometheus.ts";
import { curvesOf, type Found, type Row, rowsOf } from "./answers.ts";
import { type Exploration, matrixOf } from "./useExploration.ts";

export interface Shown {
  curves: Found[];
  /** Series of histograms. */
  heat: MatrixSeries[];
  /** The rows of a table; null while a graph is shown. */
  rows: Row[] | null;
}

/** The answers of all queries, put together. */
export function useFound({ outcomes, grid, shift }: Exploration): Shown {
  return useMemo(() => {
    const matrices = outcomes.flatMap(({ query, result, past }) => {
      const matrix = matrixOf(result);
      const before = matrixOf(past);
      return matrix ? [{ query, result: matrix, ...(before && { past: before }) }] : [];
    });
    const instants = outcomes.flatMap(({ query, result, past }) =>
      result && result.resultType !== "matrix" ? [{ query, result, ...(past && { past }) }] : [],
    );
    return {
      curves: curvesOf(matrices, grid, shift),
      heat: matrices.flatMap(({ result }) => result.filter(({ histograms }) => histograms)),
      rows: instants.length > 0 ? rowsOf(instants) : null,
    };
  }, [outcomes, grid, shift]);
}
