import { DistributionChart } from "@/charts/DistributionChart.tsx";
import { useDistribution } from "@/charts/useDistribution.ts";
import { Card } from "@/components/Card.tsx";
import { Failure } from "@/components/Failure.tsx";
import { Nothing } from "@/components/Nothing.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";

export function ErrorSpread({ model }: { model: string }) {
  const { data, error, retry } = useDistribution("absolute_error", [`model=${model}`]);
  return (
    <Card title="How errors spread" note="|actual − predicted|">
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
