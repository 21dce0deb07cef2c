import type { ReactNode } from "react";

interface Properties {
  children: ReactNode;
  aside?: ReactNode;
  /** For what is on or off; not given for what is done once. */
  chosen?: boolean;
  testId?: string;
  onClick: () => void;
}

/** One line of a popup. */
export function Option({ children, aside, chosen, testId, onClick }: Properties) {
  return (
    <button
      type="button"
      className="option"
      aria-pressed={chosen}
      data-chosen={chosen}
      data-testid={testId}
      onClick={onClick}
    >
      <span className="cut">{children}</span>
      {(aside || chosen) && <span className="aside">{aside ?? "on"}</span>}
    </button>
  );
}
