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
const MOST = 12;

/** The values under the cursor, largest first, beside it on the side with room. */
export function Hovering({ at, lines, index, left, colors, unit }: Properties) {
  const x = left + AXIS;
  const place = x > SIDE + 40 ? { right: `calc(100% - ${x - 12}px)` } : { left: x + 12 };
  const readings = valuesAt(lines, index);
  const rest = readings.length - MOST;
  return (
    <div className="hovering" style={place} aria-hidden="true">
      <div className="at">{at}</div>
      <ul>
        {readings.slice(0, MOST).map(({ name, value, past }) => (
          <li key={name}>
            <i style={{ background: `var(${colors.get(name)})` }} />
            <span className="cut">{name}</span>
            <span>
              {written(value, unit)}
              {past !== null && <span className="was"> was {written(past, unit)}</span>}
            </span>
          </li>
        ))}
      </ul>
      {rest > 0 && <div className="at">and {rest} more</div>}
    </div>
  );
}
