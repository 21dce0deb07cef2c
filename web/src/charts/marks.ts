import type uPlot from "uplot";
import { themeColor } from "./palette.ts";

export interface Threshold {
  value: number;
  label: string;
}

/** Draws the bound as a dashed line with its label. */
export function drawThreshold(plot: uPlot, { value, label }: Threshold): void {
  const scale = plot.scales.y;
  if (!scale || value > (scale.max ?? 0) || value < (scale.min ?? 0)) return;
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(value, "y", true)) + 0.5;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = themeColor("--ink-2");
  ctx.lineWidth = ratio;
  ctx.setLineDash([4 * ratio, 4 * ratio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = `${11 * ratio}px ${themeColor("--font")}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "bottom";
  ctx.fillStyle = themeColor("--ink-2");
  ctx.fillText(label, bbox.left + 4 * ratio, y - 2 * ratio);
  ctx.restore();
}

/** Hatches what is not complete yet: from the last whole interval to now. */
export function hatchRest(plot: uPlot, from: number): void {
  const { ctx, bbox } = plot;
  const left = Math.max(bbox.left, plot.valToPos(from, "x", true));
  const width = bbox.left + bbox.width - left;
  if (width < 2) return;
  const gap = 6 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, bbox.top, width, bbox.height);
  ctx.clip();
  ctx.strokeStyle = themeColor("--line");
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let x = left - bbox.height; x < left + width; x += gap) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
  ctx.restore();
}
