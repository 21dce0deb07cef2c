import { useState } from "react";
import type { LabelFound } from "./labels.ts";

interface Properties {
  labels: LabelFound[];
  chosen: Record<string, string[]>;
  by: string[];
  /** Whether what is seen can be split. */
  splits: boolean;
  onChosen: (label: string, values: string[]) => void;
  onBy: (by: string[]) => void;
}

const MOST_VALUES = 8;

function toggled(list: string[], item: string): string[] {
  return list.includes(item) ? list.filter((each) => each !== item) : [...list, item];
}

interface ValuesProperties {
  found: LabelFound;
  picked: string[];
  onPick: (values: string[]) => void;
}

function Values({ found, picked, onPick }: ValuesProperties) {
  const [all, setAll] = useState(false);
  const { label, values } = found;
  const shown = all ? values : values.slice(0, MOST_VALUES);
  const rest = values.length - shown.length;
  return (
    <div className="values">
      {shown.map(({ value, series }) => (
        <button
          key={value}
          type="button"
          className="value"
          aria-pressed={picked.includes(value)}
          aria-label={`Only ${label} ${value || "empty"}`}
          onClick={() => onPick(toggled(picked, value))}
        >
          <span className="cut">{value || "empty"}</span>
          <span className="count">{series.toLocaleString("en-US")}</span>
        </button>
      ))}
      {rest > 0 && (
        <button type="button" className="value more" onClick={() => setAll(true)}>
          {rest.toLocaleString("en-US")} more
        </button>
      )}
    </div>
  );
}

/** The labels of a metric: press a value to keep only its series, "split" for a line of each. */
export function LabelPicks({ labels, chosen, by, splits, onChosen, onBy }: Properties) {
  return (
    <ul className="labels" data-testid="labels">
      {labels.map((found) => {
        const { label, values } = found;
        return (
          <li key={label}>
            <div className="label-head">
              <code className="cut">{label}</code>
              <span className="count">
                {values.length.toLocaleString("en-US")} {values.length === 1 ? "value" : "values"}
              </span>
              {splits && (
                <button
                  type="button"
                  className="split"
                  aria-pressed={by.includes(label)}
                  aria-label={`Split by ${label}`}
                  onClick={() => onBy(toggled(by, label))}
                >
                  split
                </button>
              )}
            </div>
            <Values
              found={found}
              picked={chosen[label] ?? []}
              onPick={(next) => onChosen(label, next)}
            />
          </li>
        );
      })}
    </ul>
  );
}
