import { Popover } from "@base-ui/react/popover";
import type { KeyboardEvent, ReactNode, RefObject } from "react";

interface Properties {
  anchor: RefObject<HTMLButtonElement | null>;
  label: string;
  onClose: () => void;
  children: ReactNode;
}

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

/** The arrows move through what can be chosen; a field keeps them for itself. */
function onKeyDown(event: KeyboardEvent<HTMLElement>) {
  const step = STEPS[event.key];
  if (!step || event.target instanceof HTMLInputElement) return;
  const options = [...event.currentTarget.querySelectorAll<HTMLElement>("button.option")];
  const at = options.indexOf(event.target as HTMLElement);
  event.preventDefault();
  options[(at + step + options.length) % options.length]?.focus();
}

export default function Popup({ anchor, label, onClose, children }: Properties) {
  const onOpenChange = (open: boolean, details: { event: Event }) => {
    // A press on the button closes by the button's own click, which would open it again.
    const target = details.event.target;
    if (target instanceof Node && anchor.current?.contains(target)) return;
    if (!open) onClose();
  };
  return (
    <Popover.Root open onOpenChange={onOpenChange}>
      <Popover.Portal>
        <Popover.Positioner
          className="layer"
          anchor={anchor}
          align="end"
          sideOffset={6}
          collisionPadding={8}
        >
          <Popover.Popup
            className="popup"
            aria-label={label}
            finalFocus={anchor}
            onKeyDown={onKeyDown}
          >
            {children}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
