import { useState } from "react";
import { address } from "@/api/client.ts";
import type { Endpoint, Summary } from "@/api/types.ts";
import { useQuery } from "@/api/useQuery.ts";
import { Card } from "@/components/Card.tsx";
import { Failure } from "@/components/Failure.tsx";
import { useFirst } from "@/components/Rest.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";
import { spanOf } from "@/lib/format.ts";
import { coveredRange, nameRange } from "@/lib/range.ts";
import { useBeginning } from "@/live/known.ts";
import { useTurn } from "@/live/turn.ts";
import { serverNow, useView } from "@/live/view.ts";
import { EndpointRow } from "./EndpointRow.tsx";
import { type Column, keyOf, type Order, ordered, turned } from "./endpoints.ts";

const COLUMNS: [Column, string][] = [
  ["endpoint", "Endpoint"],
  ["requests", "Requests/min"],
  ["errors", "Error rate"],
  ["failed", "Errors"],
  ["p50", "p50"],
  ["p95", "p95"],
  ["p99", "p99"],
];

const MOST_ROWS = 50;

function Head({ order, onOrder }: { order: Order; onOrder: (order: Order) => void }) {
  const direction = order.ascending ? "ascending" : "descending";
  return (
    <thead>
      <tr>
        {COLUMNS.map(([column, name]) => (
          <th key={column} scope="col" aria-sort={order.column === column ? direction : "none"}>
            <button type="button" className="sort" onClick={() => onOrder(turned(order, column))}>
              {name}
              {order.column === column && (order.ascending ? " ↑" : " ↓")}
            </button>
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Body({ rows, several }: { rows: Endpoint[]; several: boolean }) {
  const [order, setOrder] = useState<Order>({ column: "p95", ascending: false });
  const { first, rest } = useFirst(ordered(rows, order), MOST_ROWS, "endpoints");
  return (
    <div className="scroll-x">
      <table className="table stack endpoints" data-testid="endpoint-table">
        <Head order={order} onOrder={setOrder} />
        <tbody>
          {first.map((row) => (
            <EndpointRow key={keyOf(row)} row={row} several={several} />
          ))}
        </tbody>
      </table>
      {rest}
    </div>
  );
}

/** Every endpoint of the range, slowest or most failing first; a press filters the page. */
export function EndpointTable() {
  const { range, service, span } = useView();
  const beginning = useBeginning();
  // The summary always ends now: while the window stands still, so does the table.
  const turn = useTurn(10);
  const asked = span ? range : coveredRange(range, serverNow(), beginning);
  const path = address("/metrics/summary", { range: asked, service });
  const { data, error, retry } = useQuery<Summary>(path, turn);
  const rows = data?.api_metrics.endpoints ?? [];
  const several = new Set(rows.map((row) => row.service)).size > 1;
  const note = span
    ? `as of ${spanOf(data?.from ?? span.from, data?.to ?? span.to)}`
    : nameRange(asked).toLowerCase();
  return (
    <Card title="Endpoints" note={note} flush className="full">
      {error && !data ? (
        <div className="card-body">
          <Failure error={error} retry={retry} />
        </div>
      ) : !data ? (
        <div className="card-body">
          <Skeleton height={180} />
        </div>
      ) : rows.length === 0 ? (
        <div className="state middle">No requests in this window.</div>
      ) : (
        <Body rows={rows} several={several} />
      )}
    </Card>
  );
}
