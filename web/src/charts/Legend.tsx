import { type Unit, written } from "@/lib/format.ts";
import type { Scene } from "./plot.ts";

interface Properties {
  lines: Scene["lines"];
  values: (number | null)[];
  unit: Unit;
  alone: string | null;
  onAlone: (name: string | null) => void;
}

/** Names, colours and last values; a press shows one line alone, another brings all back. */
export function Legend({ lines, values, unit, alone, onAlone }: Properties) {
  return (
    <div className="legend">
      {lines.map(({ name, color, shown }, index) => (
        <button
          key={name}
          type="button"
          aria-pressed={shown}
          title={`${name} alone`}
          onClick={() => onAlone(alone === name ? null : name)}
        >
          <i style={{ color: `var(${color})` }} />
          <span className="cut">{name}</span>
          <span className="value">{written(values[index], unit)}</span>
        </button>
      ))}
    </div>
  );
}
