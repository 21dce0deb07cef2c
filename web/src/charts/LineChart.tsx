import { Suspense, useMemo, useState } from "react";
import { Skeleton } from "@/components/Skeleton.tsx";
import { moment, type Unit, written } from "@/lib/format.ts";
import type { Span } from "@/lib/view.ts";
import { chunk } from "@/live/chunk.ts";
import { useTheme } from "@/live/theme.ts";
import { Hovering } from "./Hovering.tsx";
import { Legend, lastOf } from "./Legend.tsx";
import { layersOf } from "./layers.ts";
import type { Threshold } from "./marks.ts";
import { assignColors } from "./palette.ts";
import type { Plotted } from "./series.ts";

const Plot = chunk(() => import("./Plot.tsx"));

interface Properties {
  id: string;
  name: string;
  plotted: Plotted;
  unit: Unit;
  window: Span;
  complete: number | null;
  threshold?: Threshold | null;
  busy?: boolean;
  /** The line is the metric itself. */
  single?: boolean;
  log?: boolean;
  stacked?: boolean;
  tall?: boolean;
}

export function LineChart(properties: Properties) {
  const { id, name, plotted, unit, window, complete, threshold = null, busy, single } = properties;
  const { log = false, stacked = false, tall = false } = properties;
  const { times, lines } = plotted;
  const dark = useTheme((state) => state.dark);
  const [alone, setAlone] = useState<string | null>(null);
  const [hover, setHover] = useState<{ index: number; left: number } | null>(null);
  const colors = useMemo(
    () =>
      assignColors(
        lines.map((line) => line.name),
        single,
      ),
    [lines, single],
  );
  const { drawn, values } = useMemo(
    () => layersOf(lines, colors, alone, stacked),
    [lines, colors, alone, stacked],
  );
  const onHover = (index: number | null, left: number) =>
    setHover(index === null || left < 0 ? null : { index, left });
  const length = window.to - window.from;
  const summary = lines
    .map((line) => `${line.name} ${written(lastOf(line.values), unit)}`)
    .join(", ");
  return (
    <figure
      className={tall ? "chart tall" : "chart"}
      data-testid={`chart-${id}`}
      data-points={times.length}
      aria-busy={busy}
      aria-label={`${name}, last: ${summary}`}
    >
      <Suspense
        fallback={
          <div className="plot">
            <Skeleton height={tall ? 320 : 190} />
          </div>
        }
      >
        <Plot
          times={times}
          values={values}
          dark={dark}
          scene={{ unit, lines: drawn, log, stacked, threshold, window, complete }}
          onHover={onHover}
        />
      </Suspense>
      {hover && times[hover.index] !== undefined && (
        <Hovering
          at={moment(times[hover.index] ?? 0, length)}
          lines={lines.filter((line) => alone === null || line.name === alone)}
          index={hover.index}
          left={hover.left}
          colors={colors}
          unit={unit}
        />
      )}
      <Legend
        lines={lines}
        colors={colors}
        unit={unit}
        length={length}
        alone={alone}
        onAlone={setAlone}
      />
    </figure>
  );
}
