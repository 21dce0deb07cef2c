import { useMemo } from "react";
import type { Span } from "@/lib/view.ts";
import { zoomBack, zoomTo } from "@/live/view.ts";
import { type Draw, useCanvas } from "./canvas.ts";
import { drawHeat, type Heat } from "./heat.ts";
import { viridis } from "./palette.ts";
import { useDrag } from "./useDrag.ts";

const drawScale: Draw = (context, width, height) => {
  for (let x = 0; x < width; x += 1) {
    context.fillStyle = viridis(x / width);
    context.fillRect(x, 0, 1, height);
  }
};

/** How a distribution moves over time. */
export function HeatMap({ data, window, name }: { data: Heat; window: Span; name: string }) {
  const draw = useMemo(() => drawHeat(data, window), [data, window]);
  const canvas = useCanvas(draw);
  const scale = useCanvas(drawScale);
  const drag = useDrag(window, zoomTo);
  return (
    <figure className="chart" data-testid="chart-heat" data-points={data.times.length}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dragging is a shortcut for the range picker */}
      <div className="plot" onDoubleClick={zoomBack} {...drag.handlers}>
        <canvas ref={canvas} className="still" role="img" aria-label={name} />
        {drag.band && <div className="band" style={drag.band} />}
      </div>
      <div className="legend">
        <span className="scale">
          few <canvas ref={scale} role="img" aria-label="colours from few to many" /> many
        </span>
      </div>
    </figure>
  );
}
