import type uPlot from "uplot";
import { type Scale, scaleOf, type Unit } from "@/lib/format.ts";
import type { Span } from "@/lib/view.ts";
import {
  axisBottom,
  axisTop,
  fittedRange,
  logRange,
  markSpace,
  roundSteps,
  writeMarks,
  writeTimes,
} from "./axes.ts";
import { drawThreshold, hatchRest, type Threshold } from "./marks.ts";
import { themeColor } from "./palette.ts";
import { lonely } from "./series.ts";

/** A line of its own, or one that another stands beside: its past, its trend. */
export type LineKind = "own" | "past" | "trend";

export interface DrawnLine {
  name: string;
  color: string;
  shown: boolean;
  kind: LineKind;
}

export interface Scene {
  unit: Unit;
  /** Names and colour variables of the lines, in the order of the data. */
  lines: DrawnLine[];
  log: boolean;
  stacked: boolean;
  threshold: Threshold | null;
  /** The window in view; null leaves it to the data. */
  window: Span | null;
  /** Where whole intervals end. */
  complete: number | null;
}

export interface Gestures {
  zoom: (span: Span) => void;
  back: () => void;
  /** The index under the cursor and its place in pixels; null when it leaves. */
  hover: (index: number | null, left: number) => void;
}

function isMove(type: string): boolean {
  return type === "mousemove" || type === "mouseleave";
}

/** All charts of the page share one cursor. */
const CURSOR = "watchroom";

/** Builds the options of a chart whose scene is read anew at each drawing. */
export function plotOptions(
  scene: () => Scene,
  gestures: Gestures,
  size: { width: number; height: number },
): uPlot.Options {
  const grid = { stroke: () => themeColor("--grid"), width: 1 };
  const axis = {
    stroke: () => themeColor("--ink-3"),
    font: `11px ${themeColor("--font")}`,
    ticks: { show: false },
    grid,
  };
  return {
    ...size,
    legend: { show: false },
    padding: [20, 26, 0, 0],
    cursor: {
      // A drag zooms all by the address; told to the others too, it would zoom once for each.
      sync: { key: CURSOR, setSeries: false, filters: { pub: isMove } },
      drag: { x: true, y: false, setScale: false, dist: 4 },
      points: { size: 6 },
      bind: {
        dblclick: () => () => {
          gestures.back();
          return null;
        },
      },
    },
    scales: {
      x: { time: true, range: (_plot, low, high) => windowOf(scene(), low, high) },
      y: {
        distr: scene().log ? 3 : 1,
        range: (plot) => {
          const drawn = shownValues(plot);
          const { threshold, unit, log } = scene();
          const bound = threshold?.value ?? null;
          if (log) return logRange(drawn);
          if (unit === "ratio") return fittedRange(drawn, bound);
          return [axisBottom(drawn), axisTop(drawn, bound)];
        },
      },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        gap: 6,
        space: (_plot, _axis, low, high, width) => markSpace(high - low, width),
        values: (_plot, marks, _axis, _space, gap) => writeTimes(marks, gap),
      },
      {
        ...axis,
        size: 46,
        gap: 6,
        space: 36,
        ...(scene().log
          ? { grid: { ...grid, filter: (_plot: uPlot, marks: number[]) => decades(marks) } }
          : { incrs: (plot: uPlot) => roundSteps(scaleIn(plot, scene().unit)) }),
        values: (plot, marks) => writeMarks(marks, scaleIn(plot, scene().unit).factor),
      },
    ],
    series: [{}, ...scene().lines.map((line) => seriesOf(line, scene().stacked))],
    bands: scene().stacked ? bandsOf(scene().lines) : [],
    hooks: {
      drawClear: [
        (plot) => {
          const { complete } = scene();
          if (complete !== null) hatchRest(plot, complete);
        },
      ],
      // Beneath the lines, which are what counts.
      drawAxes: [
        (plot) => {
          const { threshold } = scene();
          if (threshold) drawThreshold(plot, threshold);
        },
      ],
      draw: [(plot) => writeUnit(plot, scaleIn(plot, scene().unit).unit)],
      setCursor: [(plot) => gestures.hover(plot.cursor.idx ?? null, plot.cursor.left ?? -1)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 4) return;
          const span = { from: plot.posToVal(left, "x"), to: plot.posToVal(left + width, "x") };
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          gestures.zoom(span);
        },
      ],
    },
  };
}

const STROKES: Record<LineKind, Partial<uPlot.Series>> = {
  own: { width: 1.5 },
  past: { width: 1.25, dash: [3, 3], alpha: 0.6 },
  trend: { width: 1.25, dash: [10, 5], alpha: 0.85 },
};

function seriesOf({ name, color, shown, kind }: DrawnLine, stacked: boolean): uPlot.Series {
  const filled = stacked && kind === "own";
  return {
    label: name,
    show: shown,
    stroke: () => themeColor(color),
    ...STROKES[kind],
    ...(filled ? { fill: () => `${themeColor(color)}59` } : {}),
    spanGaps: false,
    // A value between two gaps has no line to lie on.
    points: {
      show: kind !== "trend",
      size: 4,
      width: 0,
      fill: () => themeColor(color),
      filter: alone,
    },
  };
}

/** Between each line of a stack and the one beneath it; those put aside are no part of it. */
function bandsOf(lines: DrawnLine[]): uPlot.Band[] {
  const shown = lines.flatMap((line, index) =>
    line.shown && line.kind === "own" ? [index + 1] : [],
  );
  return shown.slice(1).map((upper, index) => ({ series: [upper, shown[index] ?? upper] }));
}

/** Of the marks of a logarithmic axis, the powers of ten. */
function decades(marks: number[]): (number | null)[] {
  return marks.map((mark) => {
    const power = Math.log10(mark);
    return Math.abs(power - Math.round(power)) < 1e-9 ? mark : null;
  });
}

/** The scale of the axis' marks: by its larger end. */
function scaleIn(plot: uPlot, unit: Unit): Scale {
  const { min = 0, max = 0 } = plot.scales.y ?? {};
  return scaleOf(unit, Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0)));
}

function alone(plot: uPlot, index: number, show: boolean): number[] | null {
  const values = plot.data[index];
  return show && values ? lonely(values) : null;
}

function windowOf({ window }: Scene, low: number, high: number): [number, number] {
  return window ? [window.from, window.to] : [low, high];
}

function shownValues(plot: uPlot): (number | null)[][] {
  return plot.data
    .slice(1)
    .flatMap((values, index) =>
      plot.series[index + 1]?.show ? [values as (number | null)[]] : [],
    );
}

function writeUnit(plot: uPlot, unit: string): void {
  if (!unit) return;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = themeColor("--ink-3");
  ctx.font = `${11 * devicePixelRatio}px ${themeColor("--font")}`;
  ctx.textAlign = "right";
  ctx.textBaseline = "bottom";
  ctx.fillText(unit, bbox.left - 6 * devicePixelRatio, bbox.top - 8 * devicePixelRatio);
  ctx.restore();
}
