import type { ReactNode } from "react";
import { DistributionChart } from "@/charts/DistributionChart.tsx";
import { HeatMap } from "@/charts/HeatMap.tsx";
import { ChartMenu } from "@/charts/menu/ChartMenu.tsx";
import { sheetOfDistribution } from "@/charts/menu/files.ts";
import { useDistribution } from "@/charts/useDistribution.ts";
import { useEquivalents } from "@/charts/useEquivalents.ts";
import { useWindow } from "@/charts/useWindow.ts";
import { Card } from "@/components/Card.tsx";
import { Failure } from "@/components/Failure.tsx";
import { Nothing } from "@/components/Nothing.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";

/** How response times spread: over the whole window, and as it passes. */
export function Distributions() {
  const { data, error, retry } = useDistribution("response_time_ms");
  const window = useWindow(data);
  const queries = useEquivalents([{ metric: "response_time_ms" }], [""]);
  const sheet = data && data.count > 0 ? sheetOfDistribution(data) : null;
  const menu = (title: string) => (
    <ChartMenu
      title={title}
      shown={sheet && { unit: "ms", times: [], lines: [], sheet }}
      queries={queries}
      compares={false}
    />
  );
  const guarded = (chart: ReactNode) => {
    if (error && !data) return <Failure error={error} retry={retry} />;
    if (!data) return <Skeleton height={216} />;
    return data.count === 0 ? <Nothing>No requests in this window.</Nothing> : chart;
  };
  return (
    <>
      <Card
        title="How response times spread"
        note="over the window"
        aside={menu("How response times spread")}
      >
        {guarded(data && <DistributionChart id="distribution" name="Response times" data={data} />)}
      </Card>
      <Card
        className="full"
        title="Response times over time"
        note="each cell counts requests"
        aside={menu("Response times over time")}
      >
        {guarded(
          data && <HeatMap data={data} window={window.span} name="Response times over time" />,
        )}
      </Card>
    </>
  );
}
