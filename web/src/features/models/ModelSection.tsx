import type { Model } from "@/api/types.ts";
import { HistoryChart } from "@/charts/HistoryChart.tsx";
import { known, mark } from "@/lib/format.ts";
import { ErrorSpread } from "./ErrorSpread.tsx";
import { Figures } from "./Figures.tsx";
import { Scatter } from "./Scatter.tsx";

function targetOf(value: number | null) {
  return known(value) ? { value, label: `target ${mark(value)}` } : null;
}

/** Everything about one model. */
export function ModelSection({ model, now }: { model: Model; now: number }) {
  const about = { where: [`model=${model.model}`], service: model.service };
  return (
    <section className="page" aria-label={model.model} data-testid="model" data-model={model.model}>
      <Figures model={model} now={now} />
      <div className="grid">
        <HistoryChart
          title="MAE"
          note="mean absolute error, lower is better"
          unit="plain"
          question={{ metric: "mae", ...about }}
          threshold={targetOf(model.target_mae)}
          nothing="No outcome was recorded in this window."
        />
        <HistoryChart
          title="R²"
          note="higher is better, 1 is perfect"
          unit="ratio"
          question={{ metric: "r2", ...about }}
          threshold={targetOf(model.target_r2)}
          nothing="No outcome was recorded in this window."
        />
        <Scatter model={model.model} service={model.service} />
        <ErrorSpread model={model.model} />
        <HistoryChart
          title="Predictions per minute"
          unit="rate"
          question={{ metric: "predictions_per_minute", ...about }}
        />
        <HistoryChart
          title="Confidence"
          note="mean"
          unit="ratio"
          question={{ metric: "avg_confidence", ...about }}
          nothing="No confidence was recorded in this window."
        />
      </div>
    </section>
  );
}
