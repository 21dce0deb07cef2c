import type { Endpoint } from "@/api/types.ts";

export type Column = "endpoint" | "requests" | "errors" | "p50" | "p95" | "p99" | "failed";

export interface Order {
  column: Column;
  ascending: boolean;
}

const VALUES: Record<Exclude<Column, "endpoint">, (row: Endpoint) => number | null> = {
  requests: (row) => row.requests_per_minute,
  errors: (row) => row.error_rate_percent,
  failed: (row) => row.errors_total,
  p50: (row) => row.p50_response_time_ms,
  p95: (row) => row.p95_response_time_ms,
  p99: (row) => row.p99_response_time_ms,
};

export function keyOf(row: Endpoint): string {
  return `${row.service} ${row.method} ${row.endpoint}`;
}

/** Orders endpoints by a column; what is unknown comes last either way. */
export function ordered(rows: Endpoint[], { column, ascending }: Order): Endpoint[] {
  const sign = ascending ? 1 : -1;
  const byName = (a: Endpoint, b: Endpoint) => keyOf(a).localeCompare(keyOf(b));
  if (column === "endpoint") {
    return rows.toSorted((a, b) => sign * a.endpoint.localeCompare(b.endpoint) || byName(a, b));
  }
  const value = VALUES[column];
  return rows.toSorted((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (left - right) || byName(a, b);
  });
}

/** The next order when a column's head is pressed: worst first, then the other way. */
export function turned(order: Order, column: Column): Order {
  if (order.column === column) return { column, ascending: !order.ascending };
  return { column, ascending: column === "endpoint" };
}
