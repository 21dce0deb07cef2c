import { useMemo } from "react";
import { Card } from "@/components/Card.tsx";
import { Failure } from "@/components/Failure.tsx";
import { Nothing } from "@/components/Nothing.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";
import { nameCompare } from "@/lib/compare.ts";
import { LIMITS } from "@/lib/limits.ts";
import { useView } from "@/live/view.ts";
import { LineChart } from "./LineChart.tsx";
import { ChartMenu } from "./menu/ChartMenu.tsx";
import { type Plotted, together, withTrends } from "./series.ts";
import { useCompared } from "./useCompared.ts";
import { useEquivalents } from "./useEquivalents.ts";
import { useHistory } from "./useHistory.ts";
import { useWindow } from "./useWindow.ts";

const QUANTILES = ["p50", "p95", "p99"] as const;
const QUESTIONS = QUANTILES.map((name) => ({ metric: `${name}_response_time_ms` }));
const CHART = "response_time_ms";

const NONE: Plotted = { times: [], lines: [] };

/** One quantile's history, and the line it is. */
function useQuantile(name: (typeof QUANTILES)[number]) {
  const question = { metric: `${name}_response_time_ms` };
  const history = useHistory(question);
  const compared = useCompared({ question, data: history.data, line: name, joining: null });
  return { ...history, plotted: compared ?? NONE };
}

/** How long requests take: three quantiles in three tones of one colour. */
export function QuantileChart({ className }: { className?: string }) {
  const p50 = useQuantile("p50").plotted;
  const { data, error, retry, busy, plotted: p95 } = useQuantile("p95");
  const p99 = useQuantile("p99").plotted;
  const window = useWindow(data);
  const trending = useView((view) => view.trend.includes(CHART));
  const earlier = useView(({ compare, range, span }) => nameCompare(compare, span ? null : range));
  const plotted = useMemo(() => {
    const joined = together([p50, p95, p99]);
    return trending ? withTrends(joined) : joined;
  }, [p50, p95, p99, trending]);
  const known = plotted.lines.some(({ values }) => values.some((value) => value !== null));
  const menu = (
    <ChartMenu
      chart={CHART}
      title="Response time"
      shown={known ? { unit: "ms", earlier, ...plotted } : null}
      queries={useEquivalents(QUESTIONS, [...QUANTILES])}
    />
  );
  return (
    <Card
      title="Response time"
      note="quantiles, to the last byte"
      className={className}
      aside={menu}
    >
      {error && !data ? (
        <Failure error={error} retry={retry} />
      ) : !data ? (
        <Skeleton height={216} />
      ) : !known ? (
        <Nothing chart={CHART}>No requests in this window.</Nothing>
      ) : (
        <LineChart
          id={CHART}
          name="Response time"
          plotted={plotted}
          unit="ms"
          window={window.span}
          complete={window.complete}
          threshold={{ value: LIMITS.p95.value, label: `p95 limit ${LIMITS.p95.value} ms` }}
          busy={busy}
        />
      )}
    </Card>
  );
}
