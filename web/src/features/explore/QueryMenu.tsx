import { Icon } from "@/components/Icon.tsx";
import { Option } from "@/components/Option.tsx";
import { Picker } from "@/components/Picker.tsx";
import { moved, type Query, withQuery } from "@/lib/explore.ts";
import { explore, useView } from "@/live/view.ts";

interface Properties {
  query: Query;
  onChange: (patch: Partial<Query>) => void;
}

/** The template of the names, and what can be done with the query. */
export function QueryMenu({ query, onChange }: Properties) {
  const { name, expr, legend, hidden } = query;
  const queries = useView((view) => view.explore.queries);
  const acts: [string, () => void][] = [
    ["Move up", () => explore({ queries: moved(queries, name, -1) })],
    ["Move down", () => explore({ queries: moved(queries, name, 1) })],
    ["Duplicate", () => explore({ queries: withQuery(queries, expr) })],
    [hidden ? "Show" : "Hide", () => onChange({ hidden: !hidden })],
    ["Remove", () => explore({ queries: queries.filter((each) => each.name !== name) })],
  ];
  return (
    <div className="query-aside">
      <input
        key={legend}
        className="field legend-format"
        aria-label={`Names of the series of ${name}`}
        title="How its series are called, such as {{instance}}"
        placeholder="Legend {{label}}"
        defaultValue={legend}
        onBlur={(event) => onChange({ legend: event.target.value.trim() })}
        onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
      />
      <Picker
        label={`Query ${name}: more`}
        testId={`query-menu-${name}`}
        className="bare"
        face={<Icon name="more" />}
      >
        {(close) =>
          acts.map(([label, act]) => (
            <Option
              key={label}
              onClick={() => {
                close();
                act();
              }}
            >
              {label}
            </Option>
          ))
        }
      </Picker>
    </div>
  );
}
