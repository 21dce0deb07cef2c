import { type Unit, written } from "@/lib/format.ts";
import { type Line, valuesAt } from "./series.ts";

interface Properties {
  at: string;
  lines: Line[];
  index: number;
  left: number;
  colors: Map<string, string>;
  unit: Unit;
}

const AXIS = 46;
const SIDE = 200;

/** The values under the cursor, largest first, beside it on the side with room. */
export function Hovering({ at, lines, index, left, colors, unit }: Properties) {
  const x = left + AXIS;
  const place = x > SIDE + 40 ? { right: `calc(100% - ${x - 12}px)` } : { left: x + 12 };
  return (
    <div className="hovering" style={place} aria-hidden="true">
      <div className="at">{at}</div>
      <ul>
        {valuesAt(lines, index).map(({ name, value }) => (
          <li key={name}>
            <i style={{ background: `var(${colors.get(name)})` }} />
            <span className="cut">{name}</span>
            <span>{written(value, unit)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
