import type { Outcome } from "@/api/types.ts";
import { mark as writeMark } from "@/lib/format.ts";
import { linearMarks } from "./bins.ts";
import { type Draw, inside } from "./canvas.ts";
import { rule, write } from "./histogram.ts";
import { themeColor } from "./palette.ts";

/** The common range of both axes, with a little air. */
export function sharedRange(points: Outcome[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { predicted, actual } of points) {
    low = Math.min(low, predicted, actual);
    high = Math.max(high, predicted, actual);
  }
  if (!Number.isFinite(low)) return [0, 1];
  const air = (high - low || Math.abs(high) || 1) * 0.04;
  return [low - air, high + air];
}

/** Draws what was predicted against what came true; on the line they agree. */
export function drawScatter(points: Outcome[]): Draw {
  return (context, width, height) => {
    const area = inside(width, height);
    const [low, high] = sharedRange(points);
    const x = (value: number) => area.left + ((value - low) / (high - low)) * area.width;
    const y = (value: number) =>
      area.top + area.height - ((value - low) / (high - low)) * area.height;
    for (const mark of linearMarks(low, high, 8)) {
      rule(context, area.left, y(mark), area.left + area.width, y(mark), "--grid");
      write(context, "right");
      context.fillText(writeMark(mark), area.left - 6, y(mark) + 4);
      write(context, "center");
      context.fillText(writeMark(mark), x(mark), area.top + area.height + 16);
    }
    rule(context, x(low), y(low), x(high), y(high), "--ink-3");
    context.fillStyle = themeColor("--series-1");
    context.globalAlpha = points.length > 150 ? 0.45 : 0.7;
    for (const { predicted, actual } of points) {
      context.beginPath();
      context.arc(x(actual), y(predicted), 2.5, 0, 2 * Math.PI);
      context.fill();
    }
    context.globalAlpha = 1;
    write(context, "left");
    context.fillText("predicted ↑", area.left + 4, area.top + 4);
    write(context, "right");
    context.fillText("actual →", area.left + area.width, area.top + area.height - 5);
  };
}
