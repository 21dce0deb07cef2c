import { useEffect, useState } from "react";

interface Properties {
  busy: boolean;
  /** Something is typed that was not run. */
  edited: boolean;
  run: () => void;
  cancel: () => void;
}

/** Before this many milliseconds nobody could press a button that appears. */
const PATIENCE = 400;

const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Runs the queries; while an answer takes long, the way to end it. */
export function RunButton({ busy, edited, run, cancel }: Properties) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!busy) return setLate(false);
    const timer = setTimeout(() => setLate(true), PATIENCE);
    return () => clearTimeout(timer);
  }, [busy]);
  if (late) {
    return (
      <button type="button" className="control run" data-testid="cancel" onClick={cancel}>
        Cancel
      </button>
    );
  }
  return (
    <button
      type="button"
      className="control run"
      data-testid="run"
      data-edited={edited}
      onClick={run}
    >
      Run <kbd>{MAC ? "⌘" : "Ctrl"} ↵</kbd>
    </button>
  );
}
