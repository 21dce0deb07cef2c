import type { Endpoint } from "@/api/types.ts";
import { Figure } from "@/components/Figure.tsx";
import { Mark } from "@/components/Mark.tsx";
import type { Unit } from "@/lib/format.ts";
import { LIMITS, type Limit, levelOf } from "@/lib/limits.ts";
import { toggleFilter, useView } from "@/live/view.ts";

interface CellProperties {
  name: string;
  value: number | null;
  unit: Unit;
  limit?: Limit;
}

function Cell({ name, value, unit, limit }: CellProperties) {
  const broken = limit && levelOf(limit, value);
  return (
    <td data-label={name} data-level={broken}>
      {broken && <Mark state={broken} label="beyond its limit" />}{" "}
      <Figure value={value} unit={unit} />
    </td>
  );
}

export function EndpointRow({ row, several }: { row: Endpoint; several: boolean }) {
  const filter = `endpoint=${row.endpoint}`;
  const picked = useView((view) => view.where.includes(filter));
  return (
    <tr
      data-pick
      data-endpoint={`${row.method} ${row.endpoint}`}
      data-requests={row.requests_total ?? ""}
      aria-selected={picked}
      onClick={() => toggleFilter(filter)}
    >
      <td>
        <button
          type="button"
          className="endpoint"
          aria-pressed={picked}
          title={`${row.endpoint}: filter the page`}
        >
          {row.method && <span className="method">{row.method}</span>}
          <code className="cut">{row.endpoint}</code>
          {several && <span className="of cut">{row.service}</span>}
        </button>
      </td>
      <Cell name="Requests" value={row.requests_per_minute} unit="rate" />
      <Cell
        name="Error rate"
        value={row.error_rate_percent}
        unit="percent"
        limit={LIMITS.errorRate}
      />
      <Cell name="Errors" value={row.errors_total} unit="count" />
      <Cell name="p50" value={row.p50_response_time_ms} unit="ms" />
      <Cell name="p95" value={row.p95_response_time_ms} unit="ms" limit={LIMITS.p95} />
      <Cell name="p99" value={row.p99_response_time_ms} unit="ms" />
    </tr>
  );
}
