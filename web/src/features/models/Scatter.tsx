import { useMemo } from "react";
import { address } from "@/api/client.ts";
import type { Outcome, Predictions } from "@/api/types.ts";
import { useQuery } from "@/api/useQuery.ts";
import { useCanvas } from "@/charts/canvas.ts";
import { ChartMenu } from "@/charts/menu/ChartMenu.tsx";
import { drawScatter } from "@/charts/scatter.ts";
import { Card } from "@/components/Card.tsx";
import { Failure } from "@/components/Failure.tsx";
import { Nothing } from "@/components/Nothing.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";
import { grouped } from "@/lib/format.ts";
import { writeDuration } from "@/lib/range.ts";
import { useTurn } from "@/live/turn.ts";
import { serverNow, useView } from "@/live/view.ts";

const LIMIT = 500;

function Points({ points, model }: { points: Outcome[]; model: string }) {
  const draw = useMemo(() => drawScatter(points), [points]);
  const canvas = useCanvas(draw);
  return (
    <figure className="chart" data-testid="chart-predictions" data-points={points.length}>
      <canvas
        ref={canvas}
        className="still tall"
        role="img"
        aria-label={`${model}: ${points.length} predictions against what came true`}
      />
    </figure>
  );
}

/** Predicted against actual; the server answers for ranges that end now, so a still window is cut from one. */
export function Scatter({ model, service }: { model: string; service: string }) {
  const { span, range } = useView();
  const asked = useMemo(
    () => (span ? writeDuration(Math.ceil(serverNow() - span.from) + 1) : range),
    [span, range],
  );
  const path = address("/metrics/predictions", { model, service, range: asked, limit: LIMIT });
  const { data, error, retry } = useQuery<Predictions>(path, useTurn(10));
  const points = useMemo(
    () => data?.points.filter(({ time }) => !span || (time >= span.from && time <= span.to)) ?? [],
    [data, span],
  );
  const note = data?.sampled
    ? `sampled: ${grouped(points.length)} of ${grouped(data.seen)}`
    : `${grouped(points.length)} pairs`;
  const sheet = {
    columns: ["time", "predicted", "actual"],
    rows: points.map(({ time, predicted, actual }) => [
      new Date(time * 1000).toISOString(),
      predicted,
      actual,
    ]),
  };
  const menu = (
    <ChartMenu
      title="Predicted against actual"
      shown={points.length > 0 ? { unit: "", times: [], lines: [], sheet } : null}
      queries={[]}
      compares={false}
    />
  );
  return (
    <Card title="Predicted against actual" note={note} aside={menu}>
      {error && !data ? (
        <Failure error={error} retry={retry} />
      ) : !data ? (
        <Skeleton height={240} />
      ) : points.length === 0 ? (
        <Nothing>No outcome was recorded in this window.</Nothing>
      ) : (
        <Points points={points} model={model} />
      )}
    </Card>
  );
}
