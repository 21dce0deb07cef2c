import { DistributionChart } from "@/charts/DistributionChart.tsx";
import { ChartMenu } from "@/charts/menu/ChartMenu.tsx";
import { sheetOfDistribution } from "@/charts/menu/files.ts";
import { useDistribution } from "@/charts/useDistribution.ts";
import { useEquivalents } from "@/charts/useEquivalents.ts";
import { Card } from "@/components/Card.tsx";
import { Failure } from "@/components/Failure.tsx";
import { Nothing } from "@/components/Nothing.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";

export function ErrorSpread({ model }: { model: string }) {
  const { data, error, retry } = useDistribution("absolute_error", [`model=${model}`]);
  const queries = useEquivalents([{ metric: "absolute_error", where: [`model=${model}`] }], [""]);
  const sheet = data && data.count > 0 ? sheetOfDistribution(data) : null;
  const menu = (
    <ChartMenu
      title="How errors spread"
      shown={sheet && { unit: "", times: [], lines: [], sheet }}
      queries={queries}
      compares={false}
    />
  );
  return (
    <Card title="How errors spread" note="|actual − predicted|" aside={menu}>
      {error && !data ? (
        <Failure error={error} retry={retry} />
      ) : !data ? (
        <Skeleton height={216} />
      ) : data.count === 0 ? (
        <Nothing>No outcome was recorded in this window.</Nothing>
      ) : (
        <DistributionChart id="absolute_error" name="Absolute errors" data={data} />
      )}
    </Card>
  );
}
