/** Native histograms of an answer: as columns of a heat map, and as quantiles. */

import type { MatrixSeries, NativeHistogram } from "@/api/prometheus.ts";
import { numberOf } from "./answers.ts";
import { type Grid, timesOf } from "./grid.ts";

/** Cells of a heat map: `counts[time][bin]` between `bounds[bin]` and the next. */
export interface Cells {
  times: number[];
  bounds: number[];
  counts: number[][];
}

const MOST_BINS = 60;

interface Bin {
  low: number;
  high: number;
  count: number;
}

function binsOf({ buckets = [] }: NativeHistogram): Bin[] {
  return buckets.map(([, low, high, count]) => ({
    low: numberOf(low),
    high: numberOf(high),
    count: Number(count),
  }));
}

/** Adds up the histograms of all series, in bins that all of them fit into. */
export function cellsOf(series: MatrixSeries[], grid: Grid): Cells {
  const all = series.flatMap(({ histograms = [] }) =>
    histograms.map(([time, histogram]) => ({ time, bins: binsOf(histogram) })),
  );
  const bounds = edgesOf(all.flatMap(({ bins }) => bins));
  const times = timesOf(grid);
  const counts = times.map(() => new Array<number>(Math.max(0, bounds.length - 1)).fill(0));
  for (const { time, bins } of all) {
    const column = counts[Math.round((time - grid.from) / grid.step)];
    if (!column) continue;
    for (const bin of bins) {
      const place = placeOf(bin, bounds);
      if (place !== null) column[place] = (column[place] ?? 0) + bin.count;
    }
  }
  return { times, bounds, counts };
}

/** Edges that grow by a factor where all bins do, so that each is as tall as the others; else those there are. */
function edgesOf(bins: Bin[]): number[] {
  const filled = bins.filter(({ low, high, count }) => count > 0 && Number.isFinite(high - low));
  if (filled.length === 0) return [];
  if (filled.some(({ low }) => low <= 0)) return thinned(filled);
  const bottom = filled.reduce((least, { low }) => Math.min(least, low), Infinity);
  const top = filled.reduce((most, { high }) => Math.max(most, high), 0);
  const finest = filled.reduce(
    (least, { low, high }) => Math.min(least, Math.log(high / low)),
    Infinity,
  );
  const number = Math.max(1, Math.round(Math.log(top / bottom) / finest));
  const stride = Math.ceil(number / MOST_BINS);
  const count = Math.ceil(number / stride);
  return Array.from(
    { length: count + 1 },
    (_, index) => bottom * Math.exp(finest * stride * index),
  );
}

function thinned(bins: Bin[]): number[] {
  const edges = [...new Set(bins.flatMap(({ low, high }) => [low, high]))].sort((a, b) => a - b);
  const stride = Math.ceil(edges.length / MOST_BINS);
  return edges.filter((_, index) => index % stride === 0 || index === edges.length - 1);
}

function placeOf({ low, high }: Bin, bounds: number[]): number | null {
  const middle = low > 0 && Number.isFinite(high) ? Math.sqrt(low * high) : (low + high) / 2;
  const above = bounds.findIndex((bound) => bound > middle);
  return above > 0 ? above - 1 : null;
}

/**
 * The value below which a share of all lies: within a bucket it is taken to grow evenly by
 * factors, as histogram_quantile of Prometheus 3 does.
 */
export function quantileOf(histogram: NativeHistogram, share: number): number | null {
  const bins = binsOf(histogram).sort((a, b) => a.low - b.low);
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  if (!(total > 0)) return null;
  let below = 0;
  for (const { low, high, count } of bins) {
    const part = (share * total - below) / count;
    if (part <= 1) return low > 0 ? low * (high / low) ** part : low + (high - low) * part;
    below += count;
  }
  return bins.at(-1)?.high ?? null;
}

export function meanOf({ count, sum }: NativeHistogram): number | null {
  return Number(count) > 0 ? Number(sum) / Number(count) : null;
}
