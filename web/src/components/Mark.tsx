import type { Worst } from "@/lib/verdict.ts";

const SHAPES: Record<Worst, React.ReactNode> = {
  well: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  warning: <path d="M6 0.8 11.6 11H0.4z" fill="currentColor" />,
  critical: <rect x="1" y="1" width="10" height="10" rx="1" fill="currentColor" />,
  quiet: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="2" />,
};

/** A state as a shape of its own, so that colour is never the only sign. */
export function Mark({ state, label }: { state: Worst; label?: string }) {
  return (
    <svg
      className="mark"
      viewBox="0 0 12 12"
      data-state={state}
      role="img"
      aria-label={label ?? state}
    >
      {SHAPES[state]}
    </svg>
  );
}
