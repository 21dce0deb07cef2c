/** What to see of a metric, in words, and the PromQL that shows it. */

import type { Kind, Metric } from "@/lib/metrics.ts";
import { aggregated, labelName, type Matcher, selector } from "@/lib/promql.ts";

export interface Choice {
  metric: Metric;
  matchers: Matcher[];
  /** The labels that the answer is split by. */
  by: string[];
  /** How far a rate looks back, such as 1m. */
  window: string;
}

export interface Sight {
  id: string;
  words: string;
  /** Splits by labels; what does not shows every series. */
  splits: boolean;
  write: (choice: Choice) => string;
}

type Write = Sight["write"];

const sight = (id: string, words: string, write: Write, splits = true): Sight => ({
  id,
  words,
  splits,
  write,
});

const select = ({ metric, matchers }: Choice, part = "") => selector(metric.name + part, matchers);
const rate = (choice: Choice, part = "") => `rate(${select(choice, part)}[${choice.window}])`;
const over =
  (operator: string): Write =>
  (choice) =>
    aggregated(operator, choice.by, select(choice));

const RATES: Sight[] = [
  sight("rate", "rate per second", (c) => aggregated("sum", c.by, rate(c))),
  sight("minute", "rate per minute", (c) => `${aggregated("sum", c.by, rate(c))} * 60`),
  sight("increase", "increase, stretch by stretch", (c) =>
    aggregated("sum", c.by, `increase(${select(c)}[${c.window}])`),
  ),
  sight("total", "total so far", over("sum")),
  sight("each", "each series as it is", (c) => select(c), false),
];

const VALUES: Sight[] = [
  sight("each", "each series as it is", (c) => select(c), false),
  sight("avg", "the average", over("avg")),
  sight("sum", "the sum", over("sum")),
  sight("max", "the highest", over("max")),
  sight("min", "the lowest", over("min")),
  sight(
    "smooth",
    "each series, smoothed",
    (c) => `avg_over_time(${select(c)}[${c.window}])`,
    false,
  ),
];

const SHARES: [string, string, number][] = [
  ["p95", "95 % are below (p95)", 0.95],
  ["p50", "half are below (median)", 0.5],
  ["p99", "99 % are below (p99)", 0.99],
];

const NATIVE: Sight[] = [
  ...SHARES.map(([id, words, share]) =>
    sight(id, words, (c) => `histogram_quantile(${share}, ${aggregated("sum", c.by, rate(c))})`),
  ),
  sight("mean", "the average", (c) => `histogram_avg(${aggregated("sum", c.by, rate(c))})`),
  sight("rate", "how many per second", (c) =>
    aggregated("sum", c.by, `histogram_count(${rate(c)})`),
  ),
  sight("heat", "how they spread over time", (c) => `sum(${rate(c)})`, false),
];

const mean: Write = (c) =>
  `${aggregated("sum", c.by, rate(c, "_sum"))} / ${aggregated("sum", c.by, rate(c, "_count"))}`;

const BUCKETS: Sight[] = [
  ...SHARES.map(([id, words, share]) =>
    sight(
      id,
      words,
      (c) =>
        `histogram_quantile(${share}, ${aggregated("sum", ["le", ...c.by], rate(c, "_bucket"))})`,
    ),
  ),
  sight("mean", "the average", mean),
  sight("rate", "how many per second", (c) => aggregated("sum", c.by, rate(c, "_count"))),
];

const SUMMARY: Sight[] = [
  sight("mean", "the average", mean),
  sight("rate", "how many per second", (c) => aggregated("sum", c.by, rate(c, "_count"))),
  sight("each", "its quantiles as they are", (c) => select(c), false),
];

const SIGHTS: Record<Kind, Sight[]> = {
  counter: RATES,
  gauge: VALUES,
  histogram: NATIVE,
  buckets: BUCKETS,
  summary: SUMMARY,
  unknown: VALUES,
};

/** What can be seen of a kind of metric; the first is the sensible one. */
export function sightsOf(kind: Kind): Sight[] {
  return SIGHTS[kind];
}

/** Writes the query of a sight; one that is not there becomes the kind's first. */
export function writeQuery(choice: Choice, id: string): string {
  const sights = sightsOf(choice.metric.kind);
  const found = sights.find((each) => each.id === id) ?? sights[0];
  return found ? found.write(choice) : select(choice);
}

/** The name of what is stored, whose labels tell what there is. */
export function storedName({ name, kind }: Metric): string {
  return kind === "buckets" || kind === "summary" ? `${name}_count` : name;
}

export function legendFor(by: string[]): string {
  return by.map((label) => `{{${labelName(label)}}}`).join(" ");
}
