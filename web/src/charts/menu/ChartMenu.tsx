import { Suspense, useRef } from "react";
import { Icon } from "@/components/Icon.tsx";
import { Picker } from "@/components/Picker.tsx";
import type { Query } from "@/lib/explore.ts";
import { chunk } from "@/live/chunk.ts";
import type { Shown } from "./files.ts";

const ChartActions = chunk(() => import("./ChartActions.tsx"));

interface Properties {
  /** The name its trend has in the address; not given where there is none to draw. */
  chart?: string;
  title: string;
  /** What the chart shows now; null where there is nothing to save. */
  shown: Shown | null;
  /** What it asks, in PromQL; empty where PromQL has no word for it. */
  queries: Query[];
  compares?: boolean;
}

/** What can be done with a chart; calm until one points at it or comes by the Tab key. */
export function ChartMenu({ title, ...about }: Properties) {
  const place = useRef<HTMLSpanElement>(null);
  return (
    <span className="chart-menu" ref={place}>
      <Picker
        label={`${title}: more`}
        testId="chart-menu"
        className="bare"
        face={<Icon name="more" />}
      >
        {(close) => (
          <Suspense>
            <ChartActions
              {...about}
              title={title}
              card={() => place.current?.closest(".card") ?? null}
              onDone={close}
            />
          </Suspense>
        )}
      </Picker>
    </span>
  );
}
