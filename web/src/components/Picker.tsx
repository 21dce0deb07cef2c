import { type ReactNode, Suspense, useRef, useState } from "react";
import { chunk } from "@/live/chunk.ts";

const Popup = chunk(() => import("./Popup.tsx"));

interface Properties {
  label: string;
  testId: string;
  className?: string;
  value?: string;
  face: ReactNode;
  /** What opens; it is given a way to close. */
  children: (close: () => void) => ReactNode;
}

/** A button that opens a popup, whose code comes when it is first reached for. */
export function Picker({ label, testId, className = "", value, face, children }: Properties) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button
        ref={button}
        type="button"
        className={`control ${className}`}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-label={label}
        data-testid={testId}
        data-value={value}
        onClick={() => setOpen(!open)}
      >
        {face}
      </button>
      {open && (
        <Suspense>
          <Popup anchor={button} label={label} onClose={() => setOpen(false)}>
            {children(() => setOpen(false))}
          </Popup>
        </Suspense>
      )}
    </>
  );
}
