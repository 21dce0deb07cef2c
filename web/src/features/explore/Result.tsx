import { useMemo } from "react";
import { ChartMenu } from "@/charts/menu/ChartMenu.tsx";
import { Card } from "@/components/Card.tsx";
import { Nothing } from "@/components/Nothing.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";
import { nameCompare } from "@/lib/compare.ts";
import { duration, moment, type Unit } from "@/lib/format.ts";
import { useView } from "@/live/view.ts";
import { topOf } from "./answers.ts";
import { CHART, Graph } from "./Graph.tsx";
import type { Grid } from "./grid.ts";
import { timesOf } from "./grid.ts";
import { Heat } from "./Heat.tsx";
import { sheetOfRows } from "./sheet.ts";
import { Table } from "./Table.tsx";
import type { Exploration } from "./useExploration.ts";
import type { All } from "./useFound.ts";

function count(number: number, one: string): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? one : one === "series" ? one : `${one}s`}`;
}

function noteOf({ curves, heat, rows }: All, grid: Grid): string {
  if (rows) return `${count(rows.length, "series")} at ${moment(grid.to, grid.to - grid.from)}`;
  return `${count(curves.length + heat.length, "series")}, a point every ${duration(grid.step)}`;
}

interface Properties {
  exploration: Exploration;
  found: All;
  unit: Unit;
}

/** What the queries were answered: as curves, as a heat map, or as a table. */
export function Result({ exploration, found, unit }: Properties) {
  const { grid, busy, shift, outcomes } = exploration;
  const { curves, heat, rows } = found;
  const drawn = useMemo(() => topOf(curves), [curves]);
  const earlier = useView(({ compare, range, span }) => nameCompare(compare, span ? null : range));
  // What stands while the server fails to answer anew is old.
  const stale = outcomes.some(({ result, error }) => result !== null && error !== null);
  const answered = outcomes.some(({ result }) => result !== null);
  const asked = outcomes.some(({ query }) => query.expr.trim() !== "" && !query.hidden);
  if (!asked || (!answered && !busy)) return null;
  const empty = rows ? rows.length === 0 : curves.length === 0 && heat.length === 0;
  const shown = rows
    ? { unit, times: [], lines: [], sheet: sheetOfRows(rows), plain: true }
    : { unit, times: timesOf(grid), lines: drawn, earlier };
  const menu = (
    <ChartMenu
      {...(rows ? {} : { chart: CHART })}
      title="Result"
      shown={empty ? null : shown}
      queries={[]}
    />
  );
  return (
    <Card
      title="Result"
      note={answered && !empty ? noteOf(found, grid) : undefined}
      aside={menu}
      flush={rows !== null && !empty}
      className="result"
    >
      {!answered ? (
        <Skeleton height={346} />
      ) : empty ? (
        <Nothing chart={CHART}>
          <span>
            No series answers {outcomes.length === 1 ? "this query" : "these queries"} in this
            window. Take a longer range, or look the names up under Metrics.
          </span>
        </Nothing>
      ) : rows ? (
        <div data-stale={stale}>
          <Table rows={rows} unit={unit} compared={shift > 0} />
        </div>
      ) : (
        <>
          {curves.length > 0 && (
            <Graph drawn={drawn} all={curves.length} grid={grid} unit={unit} busy={stale} />
          )}
          {heat.length > 0 && <Heat series={heat} grid={grid} unit={unit} />}
        </>
      )}
    </Card>
  );
}
