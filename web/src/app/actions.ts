import { create } from "zustand";
import type { Metric } from "@/lib/metrics.ts";
import { nameRange, RANGES } from "@/lib/range.ts";
import { setTheme, THEMES } from "@/live/theme.ts";
import {
  explore,
  go,
  openPage,
  setRange,
  toggleCompare,
  togglePause,
  zoomBack,
} from "@/live/view.ts";
import { PAGES } from "./pages.ts";

/** One thing a person can do: its button, its key and its line in the palette. */
export interface Action {
  id: string;
  name: string;
  group: string;
  key?: string;
  run: () => void;
}

type Overlay = "palette" | "keys" | null;
export const useOverlay = create<{ open: Overlay }>(() => ({ open: null }));
export const openOverlay = (open: Overlay) => useOverlay.setState({ open });

export const ACTIONS: Action[] = [
  ...PAGES.map(({ id, name }, index) => ({
    id: `page/${id}`,
    name,
    group: "Pages",
    key: String(index + 1),
    run: () => openPage(id),
  })),
  ...RANGES.map((range) => ({
    id: `range/${range}`,
    name: nameRange(range),
    group: "Time",
    run: () => setRange(range),
  })),
  { id: "pause", name: "Pause or go live", group: "Time", key: ".", run: togglePause },
  { id: "back", name: "Zoom back", group: "Time", key: "z", run: zoomBack },
  {
    id: "compare",
    name: "Compare with the period before, or end it",
    group: "Time",
    key: "c",
    run: toggleCompare,
  },
  ...THEMES.map((theme) => ({
    id: `theme/${theme}`,
    name: `Theme: ${theme}`,
    group: "Page",
    run: () => setTheme(theme),
  })),
  { id: "keys", name: "Show the keys", group: "Page", key: "?", run: () => openOverlay("keys") },
];

export function serviceActions(services: string[]): Action[] {
  const all: Action = {
    id: "service/",
    name: "All services",
    group: "Services",
    run: () => go({ service: "" }),
  };
  const each = services.map((service) => ({
    id: `service/${service}`,
    name: service,
    group: "Services",
    run: () => go({ service }),
  }));
  return [all, ...each];
}

/** Each metric opens in Explore's browser, beside the queries that are there. */
export function metricActions(metrics: Metric[]): Action[] {
  return metrics.map(({ name }) => ({
    id: `metric/${name}`,
    name,
    group: "Metrics",
    run: () => {
      openPage("explore");
      explore({ browse: name });
    },
  }));
}
