import { type PointerEvent, type ReactNode, useMemo, useState } from "react";
import type { Distribution } from "@/api/types.ts";
import { figure, grouped } from "@/lib/format.ts";
import { binAt } from "./bins.ts";
import { inside, useCanvas } from "./canvas.ts";
import { drawHistogram } from "./histogram.ts";

/** A true histogram: bars between the edges that values really fell between. */
export function DistributionChart({
  id,
  name,
  data,
}: {
  id: string;
  name: string;
  data: Distribution;
}) {
  const draw = useMemo(() => drawHistogram(data), [data]);
  const canvas = useCanvas(draw);
  const [bin, setBin] = useState<number | null>(null);
  const follow = (event: PointerEvent<HTMLCanvasElement>) => {
    const area = inside(event.currentTarget.clientWidth, event.currentTarget.clientHeight);
    const place = (event.nativeEvent.offsetX - area.left) / area.width;
    setBin(place >= 0 && place <= 1 ? binAt(place, data.bounds) : null);
  };
  const edge = (index: number) => figure(data.bounds[index]);
  let under: ReactNode = `${grouped(data.count)} values`;
  if (bin !== null)
    under = `${edge(bin)} – ${edge(bin + 1)} ${data.unit}: ${grouped(data.total[bin])}`;
  return (
    <figure className="chart" data-testid={`chart-${id}`} data-points={data.count}>
      <canvas
        ref={canvas}
        className="plot still"
        role="img"
        aria-label={`${name}: ${data.count} values, p50 ${figure(data.p50)}, p95 ${figure(data.p95)}, p99 ${figure(data.p99)} ${data.unit}`}
        onPointerMove={follow}
        onPointerLeave={() => setBin(null)}
      />
      <div className="legend">{under}</div>
    </figure>
  );
}
