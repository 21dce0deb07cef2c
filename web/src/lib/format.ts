/** Numbers, durations and times as people read them. Null and NaN are no data, never zero. */

export const NOTHING = "–";

type Maybe = number | null | undefined;

export interface Quantity {
  value: string;
  unit: string;
}

export type Unit =
  | "count"
  | "rate"
  | "percent"
  | "ms"
  | "mb"
  | "ratio"
  | "plain"
  | "cores"
  | "seconds"
  | "bytes"
  | "bytes_per_second"
  | "per_second"
  | "share";

/** What a number of each kind is counted in. */
export const UNITS: Record<Unit, string> = {
  count: "",
  rate: "/min",
  percent: "%",
  cores: "%",
  ms: "ms",
  mb: "MB",
  ratio: "",
  plain: "",
  seconds: "s",
  bytes: "B",
  bytes_per_second: "B/s",
  per_second: "/s",
  share: "%",
};

export interface Scale {
  /** What a value is multiplied by before it is written. */
  factor: number;
  unit: string;
}

const SECONDS: [number, Scale][] = [
  [172_800, { factor: 1 / 86_400, unit: "d" }],
  [7200, { factor: 1 / 3600, unit: "h" }],
  [600, { factor: 1 / 60, unit: "min" }],
  [1, { factor: 1, unit: "s" }],
  [1e-3, { factor: 1e3, unit: "ms" }],
  [1e-6, { factor: 1e6, unit: "µs" }],
  [0, { factor: 1e9, unit: "ns" }],
];

const BYTES: [number, Scale][] = [
  [1e15, { factor: 1e-15, unit: "PB" }],
  [1e12, { factor: 1e-12, unit: "TB" }],
  [1e9, { factor: 1e-9, unit: "GB" }],
  [1e6, { factor: 1e-6, unit: "MB" }],
  [1e3, { factor: 1e-3, unit: "kB" }],
  [0, { factor: 1, unit: "B" }],
];

/** The scale that values of about this size are written in, on an axis or alone. */
export function scaleOf(unit: Unit, size: number): Scale {
  const fitting = (scales: [number, Scale][]) =>
    scales.find(([least]) => Math.abs(size) >= least)?.[1] ?? { factor: 1, unit: "" };
  switch (unit) {
    case "seconds":
      return size === 0 ? { factor: 1, unit: "s" } : fitting(SECONDS);
    case "bytes":
      return fitting(BYTES);
    case "bytes_per_second": {
      const scale = fitting(BYTES);
      return { ...scale, unit: `${scale.unit}/s` };
    }
    case "share":
      return { factor: 100, unit: "%" };
    default:
      return { factor: 1, unit: UNITS[unit] };
  }
}

export function known(value: Maybe): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Three significant digits, but never fewer than the whole part; no exponents. */
export function figure(value: Maybe): string {
  if (!known(value)) return NOTHING;
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 10_000) return compact(value);
  if (size >= 100) return grouped(Math.round(value));
  if (size >= 10) return value.toFixed(1);
  if (size >= 1) return value.toFixed(2);
  return trimmed(value.toPrecision(2));
}

/** A mark on an axis: no more digits than it has. */
export function mark(value: number): string {
  const size = Math.abs(value);
  if (size >= 10_000) return compact(value);
  return size >= 1000 ? grouped(value) : String(Number(value.toPrecision(4)));
}

/** The whole number with separators: exact. */
export function grouped(value: Maybe): string {
  return known(value) ? value.toLocaleString("en-US", { maximumFractionDigits: 0 }) : NOTHING;
}

export function quantity(value: Maybe, unit: Unit): Quantity {
  if (!known(value)) return { value: NOTHING, unit: "" };
  switch (unit) {
    case "percent":
      return { value: percent(value), unit: "%" };
    case "ms":
      return milliseconds(value);
    case "mb":
      return megabytes(value);
    case "rate":
      return { value: figure(value), unit: "/min" };
    case "cores":
      return { value: percent(value), unit: "%" };
    case "count":
      return { value: grouped(value), unit: "" };
    case "seconds":
    case "bytes":
    case "bytes_per_second":
    case "per_second": {
      const { factor, unit: name } = scaleOf(unit, value);
      return { value: figure(value * factor), unit: name };
    }
    case "share":
      return { value: percent(value * 100), unit: "%" };
    default:
      return { value: figure(value), unit: "" };
  }
}

/** The quantity as one string: "612 ms", "4.2 %". */
export function written(value: Maybe, unit: Unit): string {
  const parts = quantity(value, unit);
  if (!parts.unit) return parts.value;
  return parts.unit.startsWith("/") ? parts.value + parts.unit : `${parts.value} ${parts.unit}`;
}

function percent(value: number): string {
  if (value === 0 || value === 100) return String(value);
  if (Math.abs(value) < 0.1) return trimmed(value.toPrecision(1));
  return Math.abs(value) >= 99.95 ? String(Math.round(value)) : value.toFixed(1);
}

function milliseconds(value: number): Quantity {
  if (value < 1) return { value: trimmed((value * 1000).toPrecision(3)), unit: "µs" };
  if (value < 10) return { value: value.toFixed(1), unit: "ms" };
  if (value < 10_000) return { value: grouped(value), unit: "ms" };
  return { value: figure(value / 1000), unit: "s" };
}

function megabytes(value: number): Quantity {
  if (value > 0 && value < 0.1) return { value: figure(value * 1000), unit: "kB" };
  if (value >= 10_000) return { value: figure(value / 1000), unit: "GB" };
  return { value: value >= 100 ? grouped(value) : value.toFixed(1), unit: "MB" };
}

function compact(value: number): string {
  return value.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3 });
}

/** Drops trailing zeros; a number too small for digits keeps its exponent. */
function trimmed(text: string): string {
  return text.includes("e") || !text.includes(".") ? text : text.replace(/\.?0+$/, "");
}

/** The two largest parts of a duration in seconds: "3 h 12 min". */
export function duration(seconds: Maybe): string {
  if (!known(seconds)) return NOTHING;
  const whole = Math.max(0, Math.floor(seconds));
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0 s";
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ");
}

const clock = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat("en-GB", options);
const TIME = clock({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const MINUTE = clock({ hour: "2-digit", minute: "2-digit" });
const DAY = clock({ day: "numeric", month: "short" });

export function timeOfDay(seconds: number): string {
  return TIME.format(seconds * 1000);
}

export function minuteOfDay(seconds: number): string {
  return MINUTE.format(seconds * 1000);
}

/** The moment, with the day where the window spans more than one. */
export function moment(seconds: number, length: number): string {
  return length > 43_200
    ? `${DAY.format(seconds * 1000)} ${minuteOfDay(seconds)}`
    : timeOfDay(seconds);
}

/** A window of time: "23 Nov 10:00 – 10:15". */
export function spanOf(from: number, to: number): string {
  const [first, last] = [DAY.format(from * 1000), DAY.format(to * 1000)];
  const write = to - from < 600 ? timeOfDay : minuteOfDay;
  const end = first === last ? write(to) : `${last} ${write(to)}`;
  return `${first} ${write(from)} – ${end}`;
}
