import { changeOf, writeChange } from "@/lib/compare.ts";
import { type Unit, written } from "@/lib/format.ts";
import { sayTrend } from "@/lib/trend.ts";
import type { Line } from "./series.ts";

interface Properties {
  lines: Line[];
  colors: Map<string, string>;
  unit: Unit;
  /** Seconds in view. */
  length: number;
  alone: string | null;
  onAlone: (name: string | null) => void;
}

/** Names, colours and last values; a press shows one line alone, another brings all back. */
export function Legend({ lines, colors, unit, length, alone, onAlone }: Properties) {
  return (
    <div className="legend">
      {lines.map(({ name, values, past, trend }) => (
        <button
          key={name}
          type="button"
          aria-pressed={alone === null || alone === name}
          title={`${name} alone`}
          onClick={() => onAlone(alone === name ? null : name)}
        >
          <i style={{ color: `var(${colors.get(name)})` }} />
          <span className="cut">{name}</span>
          <span className="value">{written(lastOf(values), unit)}</span>
          {past && (
            <span className="change" title="the mean of the window against the earlier one">
              {writeChange(changeOf(values, past)) || "nothing earlier"}
            </span>
          )}
          {trend && <span className="change">{sayTrend(trend, length, unit)}</span>}
        </button>
      ))}
    </div>
  );
}

export function lastOf(values: (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null;
}
