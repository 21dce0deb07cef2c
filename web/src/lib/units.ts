/** The units that a query's values can be in: by choice, or guessed from what it asks. */

import type { Unit } from "./format.ts";

/** Those one can choose, by the name the address has. */
export const CHOICES: Partial<Record<Unit, string>> = {
  plain: "number",
  seconds: "seconds",
  ms: "milliseconds",
  bytes: "bytes",
  bytes_per_second: "bytes per second",
  per_second: "per second",
  rate: "per minute",
  share: "percent (0–1)",
  percent: "percent (0–100)",
};

/** What is known of a metric by its metadata: the unit it declares. */
export type Declared = (metric: string) => string | undefined;

const DECLARED: Record<string, Unit> = {
  s: "seconds",
  seconds: "seconds",
  ms: "ms",
  By: "bytes",
  bytes: "bytes",
  "1": "share",
  ratio: "share",
  "%": "percent",
  percent: "percent",
};

const ENDINGS: [RegExp, Unit][] = [
  [/(timestamp|start_time|boot_time|last_\w+_time|_time)_seconds$/, "plain"],
  [/(^|_)seconds$/, "seconds"],
  [/(^|_)(ms|milliseconds)$/, "ms"],
  [/(^|_)bytes$/, "bytes"],
  [/(^|_)ratio$/, "share"],
  [/(^|_)percent(age)?$/, "percent"],
];

/** The unit by a metric's name and metadata. */
export function unitOfMetric(name: string, declared: Declared = () => undefined): Unit {
  if (/_count$/.test(name)) return "count";
  const stem = name.replace(/_(total|sum|bucket|max|min)$/, "");
  const told = declared(name) ?? declared(stem);
  const found = ENDINGS.find(([ending]) => ending.test(stem));
  if (found) return found[1];
  if (told && DECLARED[told]) return DECLARED[told];
  return name.endsWith("_total") ? "count" : "plain";
}

const PER_SECOND: Partial<Record<Unit, Unit>> = {
  // Seconds per second are a share: CPU time, time in garbage collection.
  seconds: "share",
  bytes: "bytes_per_second",
  count: "per_second",
  plain: "per_second",
};

const RATES = /^(rate|irate|deriv)$/;
const KEEPING =
  /^(sum|avg|min|max|topk|bottomk|quantile|limitk|increase|delta|idelta|abs|ceil|floor|round|clamp|clamp_min|clamp_max|sort|sort_desc|sort_by_label|label_replace|label_join|last_over_time|avg_over_time|min_over_time|max_over_time|sum_over_time|quantile_over_time|predict_linear|histogram_quantile|histogram_avg|histogram_stddev|stddev|stddev_over_time|holt_winters|double_exponential_smoothing|scalar|vector)$/;
const COUNTING = /^(count|count_over_time|changes|resets|group)$/;

/** Guesses the unit of an expression's values; "plain" where it cannot be told. */
export function guessUnit(expr: string, declared: Declared = () => undefined): Unit {
  const text = bare(expr);
  const binary = splitAt(text, /^(==|!=|>=|<=|>|<|or|and|unless|\+|-)/);
  if (binary) {
    const left = guessUnit(binary.left, declared);
    return left === "plain" ? guessUnit(binary.right, declared) : left;
  }
  const product = splitAt(text, /^[*/]/);
  if (product) return ofProduct(product, declared);
  const call = /^([a-z_]+)\s*\(([\s\S]*)\)$/.exec(text);
  if (call?.[1]) return ofCall(call[1], call[2] ?? "", declared);
  const name = /^[a-zA-Z_:][\w:]*/.exec(text)?.[0];
  return name ? unitOfMetric(name, declared) : "plain";
}

function ofCall(name: string, inner: string, declared: Declared): Unit {
  const argument = lastVector(inner);
  if (COUNTING.test(name)) return "count";
  if (RATES.test(name)) return PER_SECOND[guessUnit(argument, declared)] ?? "plain";
  if (name === "histogram_fraction") return "share";
  if (name === "histogram_count")
    return /\b(rate|irate)\s*\(/.test(argument) ? "per_second" : "count";
  if (/^histogram_(quantile|avg|stddev)$/.test(name)) return ofSelected(argument, declared);
  return KEEPING.test(name) ? guessUnit(argument, declared) : "plain";
}

/** The unit of what a histogram counts, which is not that of how fast it counts. */
export function guessHistogramUnit(expr: string, declared: Declared = () => undefined): Unit {
  return ofSelected(expr, declared);
}

/** The unit of what is selected within, whatever is done to it: a quantile has its histogram's. */
function ofSelected(text: string, declared: Declared): Unit {
  const names = bare(text).match(/[a-zA-Z_:][\w:]*(?=\s*(\{|\[|$|\)|,))/g) ?? [];
  const units = names.map((name) => unitOfMetric(name, declared));
  return units.find((unit) => unit !== "plain" && unit !== "count") ?? "plain";
}

interface Halves {
  left: string;
  right: string;
  sign: string;
}

function ofProduct({ left, right, sign }: Halves, declared: Declared): Unit {
  // 100 * a / b is a share times 100.
  const factor = /^([\d.]+)\s*\*\s*([^\d][\s\S]*)$/.exec(left);
  if (sign === "/" && factor?.[2])
    return scaled(guessUnit(`${factor[2]} / ${right}`, declared), Number(factor[1]));
  const [a, b] = [guessUnit(left, declared), guessUnit(right, declared)];
  const number = Number(right);
  if (Number.isFinite(number)) return scaled(a, sign === "*" ? number : 1 / number);
  if (Number.isFinite(Number(left))) return sign === "*" ? scaled(b, Number(left)) : "plain";
  if (sign === "*") return "plain";
  // Time per event: rate(x_seconds_sum) / rate(x_seconds_count).
  if (a === "share" && b === "per_second") return "seconds";
  if (a === "bytes_per_second" && b === "per_second") return "bytes";
  if (a === b && a !== "plain") return "share";
  return b === "count" && a !== "count" ? a : "plain";
}

function scaled(unit: Unit, factor: number): Unit {
  if (factor === 1) return unit;
  if (unit === "share" && factor === 100) return "percent";
  if (unit === "per_second" && factor === 60) return "rate";
  if (unit === "seconds" && factor === 1000) return "ms";
  return factor === -1 ? unit : "plain";
}

/** The text without matchers' values, and without brackets around all of it. */
function bare(expr: string): string {
  let text = expr
    .replace(/#.*$/gm, "")
    .replace(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/g, '""')
    .replace(/\{[^}]*\}/g, "")
    .replace(/\s*\b(by|without)\s*\([^()]*\)/g, "")
    .trim();
  while (text.startsWith("(") && closing(text) === text.length - 1) text = text.slice(1, -1).trim();
  return text;
}

/** Where the bracket that opens a text closes. */
function closing(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}

/** Cuts at the last operator outside brackets: they bind from the left. */
function splitAt(text: string, operator: RegExp): Halves | null {
  let depth = 0;
  let found: Halves | null = null;
  for (let at = 0; at < text.length; at += 1) {
    if ("([".includes(text[at] ?? "")) depth += 1;
    if (")]".includes(text[at] ?? "")) depth -= 1;
    if (depth > 0 || at === 0) continue;
    const sign = operator.exec(text.slice(at))?.[0];
    if (!sign) continue;
    const word = /\w/.test(sign);
    if (word && /\w/.test((text[at - 1] ?? "") + (text[at + sign.length] ?? ""))) continue;
    const left = text.slice(0, at).trim();
    const right = text
      .slice(at + sign.length)
      .replace(MATCHING, "")
      .trim();
    // A sign after another is a number's own: 2 * -1; one within a number is its exponent: 1e-9.
    if (left && right && !/[-+*/%^=<>(,]$/.test(left) && !/\d[eE]$/.test(left))
      found = { left, right, sign };
    at += sign.length - 1;
  }
  return found;
}

const MATCHING =
  /^\s*(bool\b\s*)?((on|ignoring)\s*\([^)]*\)\s*)?((group_left|group_right)\s*(\([^)]*\))?\s*)?/;

/** The argument that is no plain number: histogram_quantile's second, rate's only one. */
function lastVector(inner: string): string {
  let depth = 0;
  let from = 0;
  const parts: string[] = [];
  for (let at = 0; at <= inner.length; at += 1) {
    const sign = inner[at];
    if (sign === "(" || sign === "[" || sign === "{") depth += 1;
    if (sign === ")" || sign === "]" || sign === "}") depth -= 1;
    if (at === inner.length || (sign === "," && depth === 0)) {
      parts.push(inner.slice(from, at).trim());
      from = at + 1;
    }
  }
  return parts.find((part) => /[a-zA-Z_:]/.test(part.replace(/"[^"]*"/g, ""))) ?? "";
}
