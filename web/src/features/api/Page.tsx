import "@/charts/charts.css";
import "@/components/verdict.css";
import "./api.css";
import { HistoryChart } from "@/charts/HistoryChart.tsx";
import { QuantileChart } from "@/charts/QuantileChart.tsx";
import { MOST_SPLIT } from "@/charts/series.ts";
import { Filters } from "@/components/Filters.tsx";
import { Gate } from "@/components/Gate.tsx";
import { Verdict } from "@/components/Verdict.tsx";
import { LIMITS } from "@/lib/limits.ts";
import { useCurrent } from "@/live/useCurrent.ts";
import { useView } from "@/live/view.ts";
import { Distributions } from "./Distributions.tsx";
import { EndpointTable } from "./EndpointTable.tsx";

const ABOUT = ["errors", "p95", "silent"];

export default function ApiPage() {
  const filtered = useView((view) => view.where.length > 0);
  const endpoints = useCurrent()?.api_metrics.endpoints ?? [];
  const few = new Set(endpoints.map(({ endpoint }) => endpoint)).size <= MOST_SPLIT;
  const by = filtered ? "status" : few ? "endpoint" : undefined;
  return (
    <div className="page">
      <h1 className="unseen">API</h1>
      <Verdict about={ABOUT} />
      <Gate>
        <Filters />
        <div className="grid">
          <HistoryChart
            title="Requests per minute"
            unit="rate"
            question={{ metric: "requests_per_minute", by }}
            joining="sum"
            note={by ? `by ${by}` : "all endpoints together"}
          />
          <QuantileChart />
          <HistoryChart
            title="Error rate"
            unit="percent"
            question={{ metric: "error_rate_percent" }}
            threshold={{
              value: LIMITS.errorRate.value,
              label: `limit ${LIMITS.errorRate.value} %`,
            }}
          />
          <Distributions />
          <EndpointTable />
        </div>
      </Gate>
    </div>
  );
}
