import { type PointerEvent, useState } from "react";
import type { Span } from "@/lib/view.ts";
import { inside } from "./canvas.ts";

/** Dragging over a time axis: the band to show meanwhile, and the span at the end. */
export function useDrag(window: Span, onSpan: (span: Span) => void) {
  const [ends, setEnds] = useState<{ from: number; to: number } | null>(null);
  const timeAt = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const area = inside(box.width, box.height);
    const place = Math.min(1, Math.max(0, (event.clientX - box.left - area.left) / area.width));
    return {
      time: window.from + place * (window.to - window.from),
      x: area.left + place * area.width,
    };
  };
  const [start, setStart] = useState<{ time: number; x: number } | null>(null);
  const handlers = {
    onPointerDown: (event: PointerEvent<HTMLElement>) => setStart(timeAt(event)),
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (start) setEnds({ from: start.x, to: timeAt(event).x });
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      const end = timeAt(event);
      if (start && Math.abs(end.x - start.x) > 4) {
        onSpan({ from: Math.min(start.time, end.time), to: Math.max(start.time, end.time) });
      }
      setStart(null);
      setEnds(null);
    },
    onPointerLeave: () => {
      setStart(null);
      setEnds(null);
    },
  };
  const band = ends && { left: Math.min(ends.from, ends.to), width: Math.abs(ends.to - ends.from) };
  return { handlers, band };
}
