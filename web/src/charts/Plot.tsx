import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { zoomBack, zoomTo } from "@/live/view.ts";
import { plotOptions, type Scene } from "./plot.ts";

interface Properties {
  times: number[];
  values: (number | null)[][];
  scene: Scene;
  dark: boolean;
  onHover: (index: number | null, left: number) => void;
}

/** The canvas: built once for a set of lines, then only given new data. */
export default function Plot({ times, values, scene, dark, onHover }: Properties) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const newest = useRef({ scene, onHover, times, values });
  newest.current = { scene, onHover, times, values };
  const identity = JSON.stringify([scene.lines, scene.log, scene.stacked]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: other lines or scales are another plot
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const size = () => ({ width: element.clientWidth, height: element.clientHeight });
    const gestures = {
      zoom: zoomTo,
      back: zoomBack,
      hover: (index: number | null, left: number) => newest.current.onHover(index, left),
    };
    const options = plotOptions(() => newest.current.scene, gestures, size());
    const made = new uPlot(options, [newest.current.times, ...newest.current.values], element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize(size()));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [identity, dark]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the scene's lines are in identity
  useEffect(() => {
    plot.current?.setData([times, ...values]);
  }, [times, values, scene.window?.from, scene.window?.to]);

  return <div ref={box} className="plot" />;
}
