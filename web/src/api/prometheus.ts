/** Prometheus' HTTP API as the server speaks it: shapes, and one way to ask. */

import { ApiError, address, reach } from "./client.ts";

export type LabelSet = Record<string, string>;

/** Seconds since the epoch, and the value in words: "1.5", "NaN", "+Inf". */
export type Point = [number, string];

/** Rule of the edges, lower edge, upper edge, count. */
export type Bucket = [number, string, string, string];

export interface NativeHistogram {
  count: string;
  sum: string;
  buckets?: Bucket[];
}

export interface MatrixSeries {
  metric: LabelSet;
  values?: Point[];
  histograms?: [number, NativeHistogram][];
}

export interface VectorSeries {
  metric: LabelSet;
  value?: Point;
  histogram?: [number, NativeHistogram];
}

export type Result =
  | { resultType: "matrix"; result: MatrixSeries[] }
  | { resultType: "vector"; result: VectorSeries[] }
  | { resultType: "scalar"; result: Point }
  | { resultType: "string"; result: Point };

/** What the metadata says of a metric. */
export interface Described {
  type: string;
  help: string;
  unit: string;
}

export interface Reply<T> {
  data: T;
  warnings: string[];
}

interface Body<T> {
  status: "success" | "error";
  data?: T;
  warnings?: string[];
  infos?: string[];
  errorType?: string;
  error?: string;
}

/** A place in a query's text. */
export interface Place {
  from: number;
  to: number;
}

/** Why a query has no answer; `at` is where its text is wrong, as line and column. */
export class QueryError extends ApiError {
  readonly at: { line: number; column: number } | null;

  constructor(type: string, text: string) {
    const found = /\b(\d+):(\d+): (?:parse error: )?(.+)$/s.exec(text);
    const message = (found?.[3] ?? text).replace(/^invalid parameter "query": /, "");
    super({ code: type, message: sentence(message), hint: HINTS[type] ?? "" });
    this.at = found ? { line: Number(found[1]), column: Number(found[2]) } : null;
  }

  /** The place within a text, up to the end of the word there; null where none was named. */
  placeIn(text: string): Place | null {
    if (!this.at) return null;
    const before = text.split("\n").slice(0, this.at.line - 1);
    const start = before.reduce((sum, line) => sum + line.length + 1, 0) + this.at.column - 1;
    const from = Math.max(0, Math.min(start, text.length));
    const word = /^[\w:.]+/.exec(text.slice(from))?.[0].length ?? 1;
    // An end that came too soon is marked at the last sign there is.
    if (from >= text.length) return { from: Math.max(0, text.length - 1), to: text.length };
    return { from, to: Math.min(text.length, from + word) };
  }
}

const HINTS: Record<string, string> = {
  timeout: "Ask for a shorter range, a longer step or fewer series.",
  canceled: "Run it again when you like.",
};

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

type Parameters = Record<string, string | number | string[] | undefined>;

/** Longer addresses than this some proxies refuse. */
const LONGEST_ADDRESS = 4000;

/** Asks a resource below /api/v1. Raises QueryError, or ApiError where the server is away. */
export async function ask<T>(
  resource: string,
  parameters: Parameters,
  signal?: AbortSignal,
): Promise<Reply<T>> {
  const path = address(`/api/v1/${resource}`, parameters);
  const [bare = path, search] = path.split("?");
  const form = path.length > LONGEST_ADDRESS ? new URLSearchParams(search) : undefined;
  const body = await read<T>(await reach(form ? bare : path, signal, form));
  if (body.status !== "success" || body.data === undefined)
    throw new QueryError(body.errorType ?? "internal", body.error ?? "the answer is empty");
  return { data: body.data, warnings: [...(body.warnings ?? []), ...(body.infos ?? [])] };
}

async function read<T>(response: Response): Promise<Body<T>> {
  try {
    return (await response.json()) as Body<T>;
  } catch {
    throw new ApiError({
      code: `http_${response.status}`,
      message: `The server answered ${response.status} ${response.statusText}`.trim().concat("."),
      hint: "Try again; the server's log says more.",
    });
  }
}
