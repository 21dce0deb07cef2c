import "@/charts/charts.css";
import "@/components/verdict.css";
import "@/components/tiles.css";
import { HistoryChart } from "@/charts/HistoryChart.tsx";
import { QuantileChart } from "@/charts/QuantileChart.tsx";
import { MOST_SPLIT } from "@/charts/series.ts";
import { Gate } from "@/components/Gate.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";
import { Verdict } from "@/components/Verdict.tsx";
import { useCurrent } from "@/live/useCurrent.ts";
import { ModelTable } from "./ModelTable.tsx";
import { ServiceTable } from "./ServiceTable.tsx";
import { SystemTiles, TrafficTiles } from "./Tiles.tsx";

export default function OverviewPage() {
  const current = useCurrent();
  const services = current?.services.length ?? 0;
  const few = services <= MOST_SPLIT;
  return (
    <div className="page">
      <h1 className="unseen">Overview</h1>
      <Verdict />
      <Gate>
        <TrafficTiles current={current} />
        <SystemTiles current={current} />
        {current ? <ServiceTable current={current} /> : <Skeleton height={120} />}
        {current && current.model_metrics.models.length > 0 && <ModelTable current={current} />}
        <div className="grid">
          <HistoryChart
            title="Requests per minute"
            note={few ? "by service" : `${services} services together`}
            unit="rate"
            question={{ metric: "requests_per_minute", by: few ? "service" : undefined }}
            joining="sum"
          />
          <QuantileChart />
        </div>
      </Gate>
    </div>
  );
}
