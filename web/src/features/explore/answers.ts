import type {
  LabelSet,
  MatrixSeries,
  NativeHistogram,
  Result,
  VectorSeries,
} from "@/api/prometheus.ts";
import { besides } from "@/lib/compare.ts";
import type { Query } from "@/lib/explore.ts";
import { type Grid, timesOf, valuesOn } from "./grid.ts";
import { distinct, namesOf } from "./names.ts";

/** One curve of an answer. */
export interface Found {
  query: string;
  name: string;
  labels: LabelSet;
  values: (number | null)[];
  past?: (number | null)[];
}

/** What a query was answered, and what an earlier period was. */
export interface Answered {
  query: Query;
  result: MatrixSeries[];
  past?: MatrixSeries[];
}

/** How many curves are drawn: more nobody can follow. */
export const MOST_LINES = 20;

/** Turns the answers of several queries into curves on one grid, each with a name of its own. */
export function curvesOf(answers: Answered[], grid: Grid, shift: number): Found[] {
  const earlier = { ...grid, from: grid.from - shift, to: grid.to - shift };
  const found = answers.flatMap(({ query, result, past }) => {
    const floats = result.filter(({ values }) => values);
    const names = namesOf(
      { query: query.name, expr: query.expr, legend: query.legend },
      floats.map(({ metric }) => metric),
    );
    const before = new Map((past ?? []).map((each) => [identity(each.metric), each]));
    return floats.map(({ metric, values = [] }, index) => {
      const own = { query: query.name, name: names[index] ?? "", labels: metric };
      const other = before.get(identity(metric));
      const curve: Found = { ...own, values: valuesOn(grid, values) };
      if (!past) return curve;
      const then = { times: timesOf(earlier), values: valuesOn(earlier, other?.values ?? []) };
      return { ...curve, past: besides(timesOf(grid), then, shift) };
    });
  });
  return named(
    found,
    answers.map(({ query }) => query),
  );
}

/** Says which query a curve is of where there are several and its name does not tell. */
function named(found: Found[], queries: Query[]): Found[] {
  const several = new Set(found.map(({ query }) => query)).size > 1;
  const called = new Set(queries.filter(({ legend }) => legend).map(({ name }) => name));
  const plain = (each: Found) =>
    called.has(each.query) &&
    !found.some((other) => other.query !== each.query && other.name === each.name);
  const names = distinct(
    found.map((each) => (several && !plain(each) ? `${each.query}  ${each.name}` : each.name)),
  );
  return found.map((each, index) => ({ ...each, name: names[index] ?? each.name }));
}

/** The curves with the highest last values, in the order they had. */
export function topOf(found: Found[], most = MOST_LINES): Found[] {
  if (found.length <= most) return found;
  const ranked = found.toSorted((a, b) => last(b) - last(a)).slice(0, most);
  return found.filter((each) => ranked.includes(each));
}

function last({ values }: Found): number {
  return values.findLast((value) => value !== null) ?? Number.NEGATIVE_INFINITY;
}

/** A row of the table: a series and its value now. */
export interface Row {
  query: string;
  labels: LabelSet;
  value: number;
  past: number | null;
  histogram?: NativeHistogram;
}

/** The rows of instant answers, largest first. */
export function rowsOf(answers: { query: Query; result: Result; past?: Result }[]): Row[] {
  const rows = answers.flatMap(({ query, result, past }) => {
    const before = new Map(past ? vectorOf(past).map((each) => [identity(each.metric), each]) : []);
    return vectorOf(result).map(({ metric, value, histogram }): Row => {
      const other = before.get(identity(metric))?.value;
      return {
        query: query.name,
        labels: metric,
        value: value ? numberOf(value[1]) : Number(histogram?.[1].count ?? Number.NaN),
        past: other ? numberOf(other[1]) : null,
        ...(histogram && { histogram: histogram[1] }),
      };
    });
  });
  return rows.sort((a, b) => rank(b.value) - rank(a.value));
}

/** What is no number comes last. */
function rank(value: number): number {
  return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
}

function vectorOf(result: Result): VectorSeries[] {
  if (result.resultType === "vector") return result.result;
  if (result.resultType === "scalar") return [{ metric: {}, value: result.result }];
  if (result.resultType === "string") return [{ metric: { string: result.result[1] } }];
  // A range of samples, as up[5m] is: the last of each series.
  return result.result.flatMap(({ metric, values = [], histograms = [] }) => {
    const [value, histogram] = [values.at(-1), histograms.at(-1)];
    return [{ metric, ...(value && { value }), ...(histogram && { histogram }) }];
  });
}

/** Reads a number as Prometheus writes it. */
export function numberOf(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  return Number(text);
}

export function identity(labels: LabelSet): string {
  return JSON.stringify(Object.entries(labels).sort());
}
