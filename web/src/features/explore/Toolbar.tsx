import { useState } from "react";
import { Icon } from "@/components/Icon.tsx";
import { Option } from "@/components/Option.tsx";
import { Picker } from "@/components/Picker.tsx";
import { withQuery } from "@/lib/explore.ts";
import { explore, useView } from "@/live/view.ts";
import { forgetRuns, queriesRun } from "./history.ts";

function Runs({ onDone }: { onDone: () => void }) {
  const queries = useView((view) => view.explore.queries);
  const runs = queriesRun();
  if (runs.length === 0) return <div className="option-group">Nothing was run here yet.</div>;
  return (
    <>
      <div className="option-group">Run in this browser</div>
      {runs.slice(0, 20).map((expr) => (
        <Option
          key={expr}
          onClick={() => {
            explore({ queries: withQuery(queries, expr) });
            onDone();
          }}
        >
          <code>{expr}</code>
        </Option>
      ))}
      <Option
        onClick={() => {
          forgetRuns();
          onDone();
        }}
      >
        Forget all of these
      </Option>
    </>
  );
}

function CopyLink() {
  const [said, setSaid] = useState("Copy link");
  const copy = () => {
    // Browsers give the clipboard to secure origins only.
    const copied = navigator.clipboard?.writeText(location.href) ?? Promise.reject();
    copied.then(
      () => setSaid("Copied"),
      () => setSaid("Copy it from the address bar"),
    );
  };
  return (
    <button
      type="button"
      className="control"
      data-testid="copy-link"
      aria-live="polite"
      onClick={copy}
      onBlur={() => setSaid("Copy link")}
    >
      <Icon name="link" />
      {said}
    </button>
  );
}

/** What stands above the queries: the metrics there are, what was run, the link to this. */
export function Toolbar() {
  const browse = useView((view) => view.explore.browse);
  return (
    <div className="toolbar">
      <button
        type="button"
        className="control"
        data-testid="browse"
        aria-pressed={browse !== ""}
        onClick={() => explore({ browse: browse ? "" : "*" })}
      >
        <Icon name="list" />
        Metrics
      </button>
      <Picker
        label="Queries that were run"
        testId="runs"
        face={
          <>
            <Icon name="past" />
            History
          </>
        }
      >
        {(close) => <Runs onDone={close} />}
      </Picker>
      <span className="space" />
      <CopyLink />
    </div>
  );
}
