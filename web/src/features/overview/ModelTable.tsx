import type { Current, Model } from "@/api/types.ts";
import { Card } from "@/components/Card.tsx";
import { Figure } from "@/components/Figure.tsx";
import { Mark } from "@/components/Mark.tsx";
import { PageLink } from "@/components/PageLink.tsx";
import { known, mark } from "@/lib/format.ts";
import { breaks, LIMITS } from "@/lib/limits.ts";

function Row({ row }: { row: Model }) {
  const ratio =
    known(row.mae) && known(row.target_mae) && row.target_mae > 0 ? row.mae / row.target_mae : null;
  const broken = breaks(LIMITS.mae, ratio);
  return (
    <tr data-testid="model-row" data-model={row.model}>
      <td>
        <PageLink
          to={{ page: "models", where: [`model=${row.model}`] }}
          className="service-name"
          title={row.model}
        >
          <Mark state={broken ? "warning" : "well"} />
          <span className="cut">{row.model}</span>
        </PageLink>
      </td>
      <td data-label="Predictions" data-value={row.predictions_count ?? ""}>
        <Figure value={row.predictions_count} unit="count" />
      </td>
      <td data-label="Per minute">
        <Figure value={row.predictions_per_minute} unit="count" />
      </td>
      <td data-label="MAE" data-level={broken ? "warning" : undefined}>
        <Figure value={row.mae} unit="plain" />{" "}
        {known(row.target_mae) && <span className="unit">of {mark(row.target_mae)}</span>}
      </td>
      <td data-label="R²">
        <Figure value={row.r2} unit="plain" />{" "}
        {known(row.target_r2) && <span className="unit">of {mark(row.target_r2)}</span>}
      </td>
      <td data-label="Confidence">
        <Figure value={row.avg_confidence} unit="plain" />
      </td>
    </tr>
  );
}

export function ModelTable({ current }: { current: Current }) {
  return (
    <Card title="Models" note="error against target" flush>
      <div className="scroll-x">
        <table className="table stack">
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">Predictions</th>
              <th scope="col">Per minute</th>
              <th scope="col">MAE</th>
              <th scope="col">R²</th>
              <th scope="col">Confidence</th>
            </tr>
          </thead>
          <tbody>
            {current.model_metrics.models.map((row) => (
              <Row key={`${row.service}/${row.model}`} row={row} />
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
