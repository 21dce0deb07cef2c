import { useMemo } from "react";
import type { History } from "@/api/types.ts";
import { Card } from "@/components/Card.tsx";
import { Failure } from "@/components/Failure.tsx";
import { Nothing } from "@/components/Nothing.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";
import { LIMITS } from "@/lib/limits.ts";
import { LineChart } from "./LineChart.tsx";
import { align } from "./series.ts";
import { useHistory } from "./useHistory.ts";
import { useWindow } from "./useWindow.ts";

const named = (history: History | null, name: string) =>
  history && history.series.length > 0 ? [{ history, name }] : [];

/** How long requests take: three quantiles in three tones of one colour. */
export function QuantileChart({ className }: { className?: string }) {
  const p50 = useHistory({ metric: "p50_response_time_ms" });
  const p95 = useHistory({ metric: "p95_response_time_ms" });
  const p99 = useHistory({ metric: "p99_response_time_ms" });
  const window = useWindow(p95.data);
  const plotted = useMemo(
    () => align([...named(p50.data, "p50"), ...named(p95.data, "p95"), ...named(p99.data, "p99")]),
    [p50.data, p95.data, p99.data],
  );
  const known = plotted.lines.some(({ values }) => values.some((value) => value !== null));
  return (
    <Card title="Response time" note="quantiles, to the last byte" className={className}>
      {p95.error && !p95.data ? (
        <Failure error={p95.error} retry={p95.retry} />
      ) : !p95.data ? (
        <Skeleton height={216} />
      ) : !known ? (
        <Nothing chart="response_time_ms">No requests in this window.</Nothing>
      ) : (
        <LineChart
          id="response_time_ms"
          name="Response time"
          plotted={plotted}
          unit="ms"
          window={window.span}
          complete={window.complete}
          threshold={{ value: LIMITS.p95.value, label: `p95 limit ${LIMITS.p95.value} ms` }}
          busy={p95.busy}
        />
      )}
    </Card>
  );
}
