import { useEffect, useMemo, useState } from "react";
import { create } from "zustand";
import type { ApiError } from "@/api/client.ts";
import { asApiError } from "@/api/client.ts";
import { ask, type Described } from "@/api/prometheus.ts";
import { type Metric, metricsOf } from "@/lib/metrics.ts";

type Metadata = Record<string, Described[]>;

interface Known {
  metadata: Metadata | null;
  names: string[] | null;
  error: ApiError | null;
  /** When it was asked for, in milliseconds; 0 for never. */
  asked: number;
}

const BLANK: Known = { metadata: null, names: null, error: null, asked: 0 };

/** What metrics there are: asked once for all parts of the page, and again when it is old. */
const useKnown = create<Known>(() => BLANK);

const OLD = 15_000;

export function askForMetrics(): void {
  if (Date.now() - useKnown.getState().asked < OLD) return;
  useKnown.setState({ asked: Date.now(), error: null });
  Promise.all([ask<Metadata>("metadata", {}), ask<string[]>("label/__name__/values", {})]).then(
    ([metadata, names]) => useKnown.setState({ metadata: metadata.data, names: names.data }),
    (error: unknown) => useKnown.setState({ error: asApiError(error), asked: 0 }),
  );
}

export function useMetadata(): Metadata | null {
  useEffect(askForMetrics, []);
  return useKnown(({ metadata }) => metadata);
}

export interface Metrics {
  metrics: Metric[] | null;
  error: ApiError | null;
  retry: () => void;
}

export function useMetrics(): Metrics {
  useEffect(askForMetrics, []);
  const { metadata, names, error } = useKnown();
  const metrics = useMemo(() => names && metricsOf(names, metadata ?? {}), [names, metadata]);
  return { metrics, error, retry: askForMetrics };
}

/** The search text, and the text that is searched for once one stopped typing. */
export function useSettled(text: string, milliseconds = 150): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), milliseconds);
    return () => clearTimeout(timer);
  }, [text, milliseconds]);
  return settled;
}
