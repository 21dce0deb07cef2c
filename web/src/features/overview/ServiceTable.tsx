import type { Current, History } from "@/api/types.ts";
import { Sparkline, valuesOf } from "@/charts/Sparkline.tsx";
import { MOST_SPLIT } from "@/charts/series.ts";
import { useHistory } from "@/charts/useHistory.ts";
import { Card } from "@/components/Card.tsx";
import { Figure } from "@/components/Figure.tsx";
import { Mark } from "@/components/Mark.tsx";
import { PageLink } from "@/components/PageLink.tsx";
import { useFirst } from "@/components/Rest.tsx";
import { duration, known } from "@/lib/format.ts";
import { LIMITS, levelOf } from "@/lib/limits.ts";
import { useServices } from "@/live/useCurrent.ts";
import { useFindings } from "@/live/useFindings.ts";
import { foremost, rowsOf, type ServiceRow } from "./rows.ts";

const MOST_ROWS = 30;

function Row({
  row,
  volume,
  p95,
}: {
  row: ServiceRow;
  volume: History | null;
  p95: History | null;
}) {
  const slow = valuesOf(p95, row.service);
  return (
    <tr data-stale={row.stale} data-testid="service-row" data-service={row.service}>
      <td>
        <PageLink to={{ service: row.service }} className="service-name" title={row.service}>
          <Mark state={row.worst} />
          <span className="cut">{row.service}</span>
        </PageLink>
      </td>
      <td data-label="Up">
        {row.stale ? `silent for ${duration(row.age)}` : duration(row.uptime)}
      </td>
      <td data-label="Requests/min">
        <span className="with-spark">
          <Sparkline history={volume} service={row.service} />
          <span>
            <Figure value={row.requests} unit="count" />
          </span>
        </span>
      </td>
      <td data-label="Errors" data-level={levelOf(LIMITS.errorRate, row.errorRate)}>
        <Figure value={row.errorRate} unit="percent" />
      </td>
      <td data-label="p95" data-level={levelOf(LIMITS.p95, slow?.findLast(known))}>
        <span className="with-spark">
          <Sparkline history={p95} service={row.service} />
          <span>
            <Figure value={slow?.findLast(known)} unit="ms" />
          </span>
        </span>
      </td>
      <td data-label="CPU">
        <Figure value={row.cpu} unit="percent" />
      </td>
      <td data-label="Memory">
        <Figure value={row.memory} unit="mb" />
      </td>
    </tr>
  );
}

export function ServiceTable({ current }: { current: Current }) {
  const rows = rowsOf(current, useServices(), useFindings());
  const { first, rest } = useFirst(foremost(rows, MOST_ROWS), MOST_ROWS, "services");
  const split = { by: "service", points: 60, where: [] };
  const few = rows.length <= MOST_SPLIT;
  const volume = useHistory(few ? { metric: "requests_per_minute", ...split } : null);
  const p95 = useHistory(few ? { metric: "p95_response_time_ms", ...split } : null);
  return (
    <Card title="Services" flush>
      <div className="scroll-x">
        <table className="table stack" data-testid="service-table">
          <thead>
            <tr>
              <th scope="col">Service</th>
              <th scope="col">Up</th>
              <th scope="col">Requests per minute</th>
              <th scope="col">Errors</th>
              <th scope="col">p95</th>
              <th scope="col">CPU</th>
              <th scope="col">Memory</th>
            </tr>
          </thead>
          <tbody>
            {first.map((row) => (
              <Row key={row.service} row={row} volume={volume.data} p95={p95.data} />
            ))}
          </tbody>
        </table>
        {rest}
      </div>
    </Card>
  );
}
