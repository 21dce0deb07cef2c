import type { Distribution } from "@/api/types.ts";
import { mark as writeMark } from "@/lib/format.ts";
import type { Span } from "@/lib/view.ts";
import { writeTimes } from "./axes.ts";
import { logMarks, placeOf } from "./bins.ts";
import { type Draw, inside } from "./canvas.ts";
import { CORNER, write } from "./histogram.ts";
import { viridis } from "./palette.ts";

/** What a heat map needs of a distribution. */
export type Heat = Pick<Distribution, "times" | "bounds" | "counts" | "unit">;

/** Draws one column per time, one cell per bin; the root keeps rare slow requests visible. */
export function drawHeat(data: Heat, window: Span): Draw {
  return (context, width, height) => {
    const area = inside(width, height);
    const step = (data.times[1] ?? window.to) - (data.times[0] ?? window.from);
    const high = data.counts.flat().reduce((most, count) => Math.max(most, count), 0) || 1;
    const x = (time: number) =>
      area.left + Math.max(0, (time - window.from) / (window.to - window.from)) * area.width;
    const y = (value: number) => area.top + area.height * (1 - placeOf(value, data.bounds));
    data.times.forEach((time, column) => {
      const left = x(time - step);
      const wide = Math.max(1, x(time) - left);
      data.counts[column]?.forEach((count, bin) => {
        if (count === 0) return;
        const top = y(data.bounds[bin + 1] ?? 0);
        context.fillStyle = viridis(Math.sqrt(count / high));
        context.fillRect(left, top, wide + 0.5, y(data.bounds[bin] ?? 0) - top + 0.5);
      });
    });
    write(context, "right");
    const values = logMarks(data.bounds, 6);
    for (const mark of values.filter((each) => y(each) < area.top + area.height - CORNER / 2))
      context.fillText(writeMark(mark), area.left - 6, y(mark) + 4);
    context.fillText(data.unit, area.left - 6, area.top + area.height + 16);
    write(context, "center");
    const { marks: all, gap } = timeMarks(window, Math.max(2, Math.floor(area.width / 60)));
    // A label at the very edge would be cut, or run into the unit.
    const marks = all.filter((mark) => x(mark) > area.left + 28 && x(mark) < width - 24);
    writeTimes(marks, gap).forEach((text, index) => {
      context.fillText(text, x(marks[index] ?? 0), area.top + area.height + 16);
    });
  };
}

const GAPS = [10, 30, 60, 120, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 172_800];

/** Round times, by the local clock, within a window. */
export function timeMarks({ from, to }: Span, most: number): { marks: number[]; gap: number } {
  const gap = GAPS.find((each) => (to - from) / each <= most) ?? Math.ceil((to - from) / most);
  const shift = new Date(from * 1000).getTimezoneOffset() * 60;
  const marks: number[] = [];
  for (let mark = Math.ceil((from - shift) / gap) * gap + shift; mark <= to; mark += gap)
    marks.push(mark);
  return { marks, gap };
}
