import { useEffect, useRef } from "react";
import { useTheme } from "@/live/theme.ts";

export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

export type Draw = (context: CanvasRenderingContext2D, width: number, height: number) => void;

/** Draws on a canvas of the element's size, again whenever the drawing, the size or the theme changes. */
export function useCanvas(draw: Draw) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = useTheme((state) => state.dark);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const paint = () => {
      const { clientWidth: width, clientHeight: height } = element;
      element.width = width * devicePixelRatio;
      element.height = height * devicePixelRatio;
      const context = element.getContext("2d");
      if (!context || width === 0) return;
      context.scale(devicePixelRatio, devicePixelRatio);
      draw(context, width, height);
    };
    paint();
    const observer = new ResizeObserver(paint);
    observer.observe(element);
    return () => observer.disconnect();
  }, [draw, dark]);
  return canvas;
}

/** The area inside the axes. */
export function inside(width: number, height: number): Area {
  return { left: 46, top: 12, width: width - 56, height: height - 36 };
}
