import { useEffect, useRef } from "react";
import { CompareOptions } from "@/components/CompareOptions.tsx";
import { Option } from "@/components/Option.tsx";
import { type Query, UNASKED } from "@/lib/explore.ts";
import { go, onPage, toggleTrend, useView } from "@/live/view.ts";
import type { Shown } from "./files.ts";
import { SaveOptions } from "./SaveOptions.tsx";

interface Properties {
  chart?: string | undefined;
  title: string;
  shown: Shown | null;
  queries: Query[];
  compares?: boolean | undefined;
  card: () => Element | null;
  onDone: () => void;
}

export default function ChartActions(properties: Properties) {
  const { chart, title, shown, queries, compares = true, card, onDone } = properties;
  const list = useRef<HTMLDivElement>(null);
  // Its code may come after the popup has taken the focus.
  useEffect(() => list.current?.querySelector("button")?.focus(), []);
  const trending = useView((view) => chart !== undefined && view.trend.includes(chart));
  const ask = () => {
    onDone();
    go({ ...onPage("explore"), explore: { ...UNASKED, queries } });
  };
  const trend = () => {
    if (chart) toggleTrend(chart);
    onDone();
  };
  return (
    <div ref={list}>
      {queries.length > 0 && (
        <Option testId="open-explore" onClick={ask}>
          Open in Explore
        </Option>
      )}
      {chart && (
        <Option testId="toggle-trend" chosen={trending} onClick={trend}>
          Trend line
        </Option>
      )}
      {compares && <CompareOptions onDone={onDone} />}
      {shown && <SaveOptions title={title} shown={shown} card={card} onDone={onDone} />}
    </div>
  );
}
