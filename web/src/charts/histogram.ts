import type { Distribution } from "@/api/types.ts";
import { figure, mark as writeMark } from "@/lib/format.ts";
import { linearMarks, logMarks, placeOf } from "./bins.ts";
import { type Area, type Draw, inside } from "./canvas.ts";
import { themeColor } from "./palette.ts";

/** Draws bars between the true edges; quantiles are marked by thin lines with their names. */
export function drawHistogram(data: Distribution): Draw {
  return (context, width, height) => {
    const whole = inside(width, height);
    const rows = rowsOf(data, whole);
    const room = ROW * rows.length;
    const area = { ...whole, top: whole.top + room, height: whole.height - room };
    const high = Math.max(1, ...data.total);
    drawCounts(context, area, high);
    context.fillStyle = themeColor("--series-1");
    data.total.forEach((count, index) => {
      const left = area.left + placeOf(data.bounds[index] ?? 0, data.bounds) * area.width;
      const right = area.left + placeOf(data.bounds[index + 1] ?? 0, data.bounds) * area.width;
      const tall = (count / high) * area.height;
      if (count > 0) {
        context.fillRect(left, area.top + area.height - tall, Math.max(1, right - left - 1), tall);
      }
    });
    drawValues(context, area, data);
    rows.forEach((names, row) => {
      for (const name of names)
        drawQuantile(context, area, data, name, area.top - room + row * ROW);
    });
  };
}

function drawCounts(context: CanvasRenderingContext2D, area: Area, high: number): void {
  write(context, "right");
  for (const mark of linearMarks(0, high, 4)) {
    const y = Math.round(area.top + area.height - (mark / high) * area.height) + 0.5;
    rule(context, area.left, y, area.left + area.width, y, "--grid");
    context.fillText(writeMark(mark), area.left - 6, y + 4);
  }
}

export function drawValues(
  context: CanvasRenderingContext2D,
  area: Area,
  data: Distribution,
): void {
  write(context, "center");
  const most = Math.max(3, Math.floor(area.width / 60));
  for (const mark of logMarks(data.bounds, most)) {
    const x = area.left + placeOf(mark, data.bounds) * area.width;
    if (x < area.left + CORNER) continue;
    context.fillText(writeMark(mark), x, area.top + area.height + 16);
  }
  context.textAlign = "right";
  context.fillText(data.unit, area.left - 6, area.top + area.height + 16);
}

/** In the corner stands the unit. */
export const CORNER = 14;

/** The height of a row of names above the bars. */
const ROW = 14;

/** The width that a quantile's name may need. */
const NAME = 64;

type Quantile = "p50" | "p95" | "p99";

/** Which names stand in which row, so that neighbours keep apart. */
function rowsOf(data: Distribution, area: Area): Quantile[][] {
  const turned = data.p99 !== null && placeAcross(data.p99, data, area) > area.width - NAME;
  return turned ? [["p50"], ["p95"], ["p99"]] : [["p50", "p99"], ["p95"]];
}

function placeAcross(value: number, data: Distribution, area: Area): number {
  return placeOf(value, data.bounds) * area.width;
}

function drawQuantile(
  context: CanvasRenderingContext2D,
  area: Area,
  data: Distribution,
  name: Quantile,
  top: number,
): void {
  const value = data[name];
  if (value === null) return;
  const across = placeAcross(value, data, area);
  const x = Math.round(area.left + across) + 0.5;
  const right = name !== "p99" || across > area.width - NAME;
  rule(context, x, top, x, area.top + area.height, "--ink-3");
  write(context, right && across > NAME ? "right" : "left", "--ink-2");
  context.fillText(
    `${name} ${figure(value)}`,
    x + (context.textAlign === "right" ? -4 : 4),
    top + 9,
  );
}

export function write(
  context: CanvasRenderingContext2D,
  align: CanvasTextAlign,
  color = "--ink-3",
): void {
  context.font = `11px ${themeColor("--font")}`;
  context.fillStyle = themeColor(color);
  context.textAlign = align;
}

export function rule(
  context: CanvasRenderingContext2D,
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
  color: string,
): void {
  context.strokeStyle = themeColor(color);
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  context.stroke();
}
