import type { ReactNode } from "react";
import { CompareOptions } from "@/components/CompareOptions.tsx";
import { Icon } from "@/components/Icon.tsx";
import { Picker } from "@/components/Picker.tsx";
import { nameCompare } from "@/lib/compare.ts";
import type { Unit } from "@/lib/format.ts";
import { writeDuration } from "@/lib/range.ts";
import { CHOICES } from "@/lib/units.ts";
import { explore, useView } from "@/live/view.ts";

const STEPS = ["1s", "5s", "15s", "30s", "1m", "5m", "15m", "1h", "6h", "24h"];

interface SelectProperties {
  name: string;
  value: string;
  onChange: (value: string) => void;
  children: ReactNode;
}

function Select({ name, value, onChange, children }: SelectProperties) {
  return (
    <label className="select">
      <span>{name}</span>
      <select className="field" value={value} onChange={(event) => onChange(event.target.value)}>
        {children}
      </select>
    </label>
  );
}

interface ToggleProperties {
  on: boolean;
  title: string;
  onClick: () => void;
  children: ReactNode;
}

function Toggle({ on, title, onClick, children }: ToggleProperties) {
  return (
    <button type="button" className="control" aria-pressed={on} title={title} onClick={onClick}>
      {children}
    </button>
  );
}

/** How the answers are shown: shape, step, unit, scale, and what they are compared with. */
export function Options({ step, unit }: { step: number; unit: Unit }) {
  const shown = useView((view) => view.explore);
  const { compare, range, span } = useView();
  const graph = shown.shape === "graph";
  return (
    <div className="options">
      <fieldset className="shapes" aria-label="Shape">
        {(["graph", "table"] as const).map((shape) => (
          <button
            key={shape}
            type="button"
            aria-pressed={shown.shape === shape}
            onClick={() => explore({ shape })}
          >
            {shape === "graph" ? "Graph" : "Table"}
          </button>
        ))}
      </fieldset>
      {graph && (
        <Select name="Step" value={shown.step} onChange={(next) => explore({ step: next })}>
          <option value="">auto, {writeDuration(step)}</option>
          {STEPS.map((each) => (
            <option key={each}>{each}</option>
          ))}
          {shown.step && !STEPS.includes(shown.step) && <option>{shown.step}</option>}
        </Select>
      )}
      <Select name="Unit" value={shown.unit} onChange={(next) => explore({ unit: next })}>
        <option value="">auto, {CHOICES[unit] ?? unit}</option>
        {Object.entries(CHOICES).map(([id, words]) => (
          <option key={id} value={id}>
            {words}
          </option>
        ))}
      </Select>
      {graph && (
        <>
          <Toggle
            on={shown.stacked}
            title="Each line upon those below it"
            onClick={() => explore({ stacked: !shown.stacked })}
          >
            Stacked
          </Toggle>
          <Toggle
            on={shown.log}
            title="An axis of powers of ten"
            onClick={() => explore({ log: !shown.log })}
          >
            Log scale
          </Toggle>
        </>
      )}
      <Picker
        label="Compare with an earlier period"
        testId="compare"
        value={compare}
        className={compare ? "on" : ""}
        face={
          <>
            <Icon name="past" />
            {compare ? nameCompare(compare, span ? null : range) : "Compare"}
          </>
        }
      >
        {(close) => <CompareOptions onDone={close} />}
      </Picker>
    </div>
  );
}
