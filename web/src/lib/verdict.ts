/** Whether things are well, and what is not: the sentence each page opens with. */

import type { Current, Endpoint, Service } from "@/api/types.ts";
import { duration, grouped, known, mark, UNITS, written } from "./format.ts";
import { breaks, LEAST_REQUESTS, LIMITS, type Limit, type Severity } from "./limits.ts";
import type { View } from "./view.ts";

export interface Finding {
  /** Stable over time, so that one can say since when. */
  id: string;
  severity: Severity;
  /** The services it concerns; none for the machine. */
  services: string[];
  subject: string;
  says: string;
}

const ALIKE: Record<string, [things: string, says: string]> = {
  silent: ["services", "silent"],
  errors: ["services", `errors above ${LIMITS.errorRate.value} %`],
  p95: ["services", `p95 above ${LIMITS.p95.value} ms`],
  mae: ["models", "MAE above target"],
  cache: ["caches", `hits below ${LIMITS.hitRate.value} %`],
};
const MOST_ALIKE = 3;

/** Joins findings of one kind, where they are many, to one, so that each kind is heard. */
export function condensed(list: Finding[]): Finding[] {
  const kinds = [...new Set(list.map(({ id }) => kindOf(id)))];
  return kinds.flatMap((kind) => {
    const alike = list.filter(({ id }) => kindOf(id) === kind);
    const [first] = alike;
    const [things, says] = ALIKE[kind] ?? [];
    if (!first || !things || alike.length <= MOST_ALIKE) return alike;
    const services = alike.flatMap((each) => each.services);
    const subject = `${alike.length} ${things}`;
    return [
      { ...first, id: `${kind}/`, services, subject, says: `${says}, like ${first.subject}` },
    ];
  });
}

function kindOf(id: string): string {
  return id.split("/", 1)[0] ?? "";
}

/** Where the evidence for a finding is. */
export function evidenceOf({ id, services }: Finding): Partial<View> {
  const service = services.length === 1 ? (services[0] ?? "") : "";
  const [kind, model] = [kindOf(id), id.slice(`mae/${service}/`.length)];
  if (kind === "mae") return { page: "models", service, where: service ? [`model=${model}`] : [] };
  const api = kind === "errors" || kind === "p95";
  return { page: api ? "api" : "overview", service, where: [] };
}

export type Worst = Severity | "well" | "quiet";

export function findings(current: Current, services: Service[] = []): Finding[] {
  const found = [
    ...silent(current, services),
    ...failing(current),
    ...slow(current),
    ...inaccurate(current),
    ...missing(current),
    ...strained(current),
  ];
  return found.sort((a, b) => rank(b.severity) - rank(a.severity));
}

export function worstOf(list: Finding[], current: Current | undefined): Worst {
  if (!current || (current.services.length === 0 && list.length === 0)) return "quiet";
  if (list.some((each) => each.severity === "critical")) return "critical";
  return list.length > 0 ? "warning" : "well";
}

/** One sentence on what is well: its figures, not praise. */
export function wellSentence(current: Current): string {
  const api = current.api_metrics;
  const parts = [
    known(api.requests_per_minute) && `${grouped(api.requests_per_minute)} requests/min`,
    known(api.error_rate_percent) && `${written(api.error_rate_percent, "percent")} errors`,
    known(api.p95_response_time_ms) && `p95 ${written(api.p95_response_time_ms, "ms")}`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(", ") : "no requests in the last minute";
}

function rank(severity: Severity): number {
  return severity === "critical" ? 1 : 0;
}

interface About {
  id: string;
  service?: string;
  subject: string;
}

function finding(limit: Limit, { id, service, subject }: About, says: string): Finding {
  return { id, severity: limit.severity, services: service ? [service] : [], subject, says };
}

function against(limit: Limit, value: number): string {
  const bound = `${mark(limit.value)} ${UNITS[limit.unit]}`;
  return `${limit.name} ${written(value, limit.unit)}, ${limit.wrong} ${bound}`;
}

function silent(current: Current, services: Service[]): Finding[] {
  const scoped = services.filter(({ service }) => !current.service || service === current.service);
  return scoped.flatMap(({ service, last_seen, status }) => {
    const age = current.time - last_seen;
    if (status !== "stale" || !breaks(LIMITS.stale, age)) return [];
    return [
      finding(
        LIMITS.stale,
        { id: `silent/${service}`, service, subject: service },
        `silent for ${duration(age)}`,
      ),
    ];
  });
}

function failing(current: Current): Finding[] {
  return byService(current.api_metrics.endpoints).flatMap(([service, endpoints]) => {
    const volume = sum(endpoints, (each) => each.requests_per_minute);
    const rate = sum(
      endpoints,
      (each) => ((each.requests_per_minute ?? 0) * (each.error_rate_percent ?? 0)) / volume,
    );
    if (volume < LEAST_REQUESTS || !breaks(LIMITS.errorRate, rate)) return [];
    const says = against(LIMITS.errorRate, rate);
    return [
      finding(LIMITS.errorRate, { id: `errors/${service}`, service, subject: service }, says),
    ];
  });
}

/** A percentile cannot be averaged, so the slowest busy endpoint speaks for its service. */
function slow(current: Current): Finding[] {
  return byService(current.api_metrics.endpoints).flatMap(([service, endpoints]) => {
    const volume = sum(endpoints, (each) => each.requests_per_minute);
    const least = Math.max(LEAST_REQUESTS, volume * 0.05);
    const busy = endpoints.filter((each) => (each.requests_per_minute ?? 0) >= least);
    const worst = busy.toSorted(
      (a, b) => (b.p95_response_time_ms ?? 0) - (a.p95_response_time_ms ?? 0),
    )[0];
    const p95 = worst?.p95_response_time_ms;
    if (!worst || !known(p95) || !breaks(LIMITS.p95, p95)) return [];
    const subject = endpoints.length > 1 ? `${service} ${worst.endpoint}` : service;
    return [
      finding(LIMITS.p95, { id: `p95/${service}`, service, subject }, against(LIMITS.p95, p95)),
    ];
  });
}

function inaccurate(current: Current): Finding[] {
  return current.model_metrics.models.flatMap(({ service, model, mae, target_mae }) => {
    if (!known(mae) || !known(target_mae) || target_mae <= 0) return [];
    const ratio = mae / target_mae;
    if (!breaks(LIMITS.mae, ratio)) return [];
    const over = written((ratio - 1) * 100, "percent");
    return [
      finding(
        LIMITS.mae,
        { id: `mae/${service}/${model}`, service, subject: model },
        `MAE ${over} above its target`,
      ),
    ];
  });
}

function missing(current: Current): Finding[] {
  return current.cache_metrics.caches.flatMap(({ service, cache, hit_rate_percent: rate }) => {
    if (!known(rate) || !breaks(LIMITS.hitRate, rate)) return [];
    const says = against(LIMITS.hitRate, rate);
    return [
      finding(
        LIMITS.hitRate,
        { id: `cache/${service}/${cache}`, service, subject: `${service} ${cache}` },
        says,
      ),
    ];
  });
}

function strained(current: Current): Finding[] {
  const system = current.system_metrics;
  const processes = system.processes.flatMap((process) => {
    const subject = process.service;
    const of = (limit: Limit, value: number | null) =>
      known(value) && breaks(limit, value)
        ? [
            finding(
              limit,
              { id: `${limit.name}/${process.instance}`, service: subject, subject },
              against(limit, value),
            ),
          ]
        : [];
    return [...of(LIMITS.cpu, process.cpu_percent), ...of(LIMITS.memory, process.memory_usage_mb)];
  });
  const disk = system.disk_usage_percent;
  if (!known(disk) || !breaks(LIMITS.disk, disk)) return processes;
  return [
    ...processes,
    finding(LIMITS.disk, { id: "disk", subject: "The fullest disk" }, against(LIMITS.disk, disk)),
  ];
}

function byService(endpoints: Endpoint[]): [string, Endpoint[]][] {
  const services = [...new Set(endpoints.map(({ service }) => service))];
  return services.map((name) => [name, endpoints.filter(({ service }) => service === name)]);
}

function sum<T>(rows: T[], value: (row: T) => number | null): number {
  return rows.reduce((total, row) => total + (value(row) ?? 0), 0);
}
