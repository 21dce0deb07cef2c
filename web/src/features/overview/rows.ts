import type { Current, Service } from "@/api/types.ts";
import { known } from "@/lib/format.ts";
import type { Finding, Worst } from "@/lib/verdict.ts";

type Value = number | null;

export interface ServiceRow {
  service: string;
  stale: boolean;
  worst: Worst;
  /** Seconds since it last spoke. */
  age: number;
  uptime: Value;
  requests: Value;
  errorRate: Value;
  cpu: Value;
  memory: Value;
}

/** One row for each service in scope, by name, so that rows keep their place. */
export function rowsOf(current: Current, services: Service[], found: Finding[]): ServiceRow[] {
  const listed = new Map(services.map((each) => [each.service, each]));
  const names = new Set([...current.services, ...listed.keys()]);
  const scoped = [...names].filter((name) => !current.service || name === current.service);
  return scoped.sort().map((name) => rowOf(name, current, listed.get(name), found));
}

const RANKS: Partial<Record<Worst, number>> = { critical: 0, warning: 1 };

/** Puts what is not well first where there are too many rows to see at once. */
export function foremost(rows: ServiceRow[], most: number): ServiceRow[] {
  if (rows.length <= most) return rows;
  const rank = ({ worst }: ServiceRow) => RANKS[worst] ?? 2;
  return rows.toSorted((a, b) => rank(a) - rank(b));
}

function rowOf(
  name: string,
  current: Current,
  listed: Service | undefined,
  found: Finding[],
): ServiceRow {
  const mine = <T extends { service: string }>(rows: T[]) =>
    rows.filter(({ service }) => service === name);
  const endpoints = mine(current.api_metrics.endpoints);
  const processes = mine(current.system_metrics.processes);
  const requests = total(endpoints.map((each) => each.requests_per_minute));
  const failed = total(
    endpoints.map(
      (each) => ((each.requests_per_minute ?? 0) * (each.error_rate_percent ?? 0)) / 100,
    ),
  );
  return {
    service: name,
    stale: listed?.status === "stale",
    worst: worstFor(name, found),
    age: current.time - (listed?.last_seen ?? current.time),
    uptime: processes.length > 0 ? Math.max(...processes.map((p) => p.uptime_seconds ?? 0)) : null,
    requests,
    errorRate: requests && failed !== null ? (failed / requests) * 100 : null,
    cpu: total(processes.map((each) => each.cpu_percent)),
    memory: total(processes.map((each) => each.memory_usage_mb)),
  };
}

function worstFor(name: string, found: Finding[]): Worst {
  const own = found.filter(({ services }) => services.includes(name));
  if (own.some(({ severity }) => severity === "critical")) return "critical";
  return own.length > 0 ? "warning" : "well";
}

/** Null where nothing is known; what is unknown among known adds nothing. */
function total(values: Value[]): Value {
  const numbers = values.filter(known);
  return numbers.length > 0 ? numbers.reduce((sum, value) => sum + value, 0) : null;
}
