import { useMemo, useState } from "react";
import { ApiError } from "@/api/client.ts";
import type { MatrixSeries, Result } from "@/api/prometheus.ts";
import { type Ask, type Told, useReplies } from "@/api/useReplies.ts";
import { shiftOf } from "@/lib/compare.ts";
import type { Query, Shape } from "@/lib/explore.ts";
import { useView } from "@/live/view.ts";
import { type Grid, tooFine } from "./grid.ts";
import { useGrid } from "./useGrid.ts";

/** A query with what came of it. */
export interface Outcome {
  query: Query;
  result: Result | null;
  past: Result | null;
  error: ApiError | null;
  warnings: string[];
  busy: boolean;
}

export interface Exploration {
  shape: Shape;
  grid: Grid;
  /** How many seconds earlier the period compared with lies; 0 for none. */
  shift: number;
  outcomes: Outcome[];
  busy: boolean;
  cancel: () => void;
  again: () => void;
}

/** Asks the queries of the address, for the window, the shape and the comparison it names. */
export function useExploration(): Exploration {
  const { queries, shape } = useView((view) => view.explore);
  const compare = useView((view) => view.compare);
  const grid = useGrid();
  const [attempt, setAttempt] = useState(0);
  const shift = shiftOf(compare, grid.to - grid.from, grid.step);
  const fine = shape === "graph" ? tooFine(grid) : null;
  const asks = useMemo(
    () => (fine ? [] : asksOf(queries, shape, grid, shift)),
    [fine, queries, shape, grid, shift],
  );
  const { told, cancel } = useReplies<Result>(asks, attempt);
  const outcomes = useMemo(
    () => queries.map((query) => outcomeOf(query, told, shape, fine)),
    [queries, told, shape, fine],
  );
  return {
    shape,
    grid,
    shift,
    outcomes,
    busy: outcomes.some((outcome) => outcome.busy),
    cancel,
    again: () => setAttempt((count) => count + 1),
  };
}

const PAST = "/past";

const RESOURCES: Record<Shape, string> = { graph: "query_range", table: "query" };

function asksOf(queries: Query[], shape: Shape, grid: Grid, shift: number): Ask[] {
  const asked = queries.filter(({ expr, hidden }) => expr.trim() !== "" && !hidden);
  return asked.flatMap(({ name, expr }) => {
    const now = { ...askOf(expr, shape, grid), name };
    const earlier = { ...grid, from: grid.from - shift, to: grid.to - shift };
    return shift > 0 ? [now, { ...askOf(expr, shape, earlier), name: name + PAST }] : [now];
  });
}

function askOf(query: string, shape: Shape, { from, to, step }: Grid): Omit<Ask, "name"> {
  const parameters: Ask["parameters"] =
    shape === "graph" ? { query, start: from, end: to, step } : { query, time: to };
  return { resource: RESOURCES[shape], parameters };
}

function outcomeOf(
  query: Query,
  told: Record<string, Told<Result>>,
  shape: Shape,
  fine: string | null,
): Outcome {
  const silent = query.hidden || query.expr.trim() === "";
  const own = silent ? undefined : told[query.name];
  const other = silent ? undefined : told[query.name + PAST];
  const refused = fine !== null && !silent;
  return {
    query,
    result: refused ? null : fitting(own, shape, query.expr),
    past: refused ? null : fitting(other, shape, query.expr),
    error: refused ? refusal(fine) : (own?.error ?? null),
    warnings: own?.reply?.warnings ?? [],
    busy: own?.busy === true || other?.busy === true,
  };
}

/** The last answer, while it is of this shape; after a failure, only where it is of this query. */
function fitting(told: Told<Result> | undefined, shape: Shape, expr: string): Result | null {
  if (told?.of?.resource !== RESOURCES[shape]) return null;
  if (told.error && told.of.parameters.query !== expr) return null;
  return told.reply?.data ?? null;
}

function refusal(message: string): ApiError {
  return new ApiError({ code: "too_many_points", message, hint: "" });
}

export function matrixOf(result: Result | null): MatrixSeries[] | null {
  return result?.resultType === "matrix" ? result.result : null;
}
