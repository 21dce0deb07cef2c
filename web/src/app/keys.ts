import { ACTIONS, openOverlay, useOverlay } from "./actions.ts";

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input, textarea, select, [data-editor]") !== null
  );
}

function onKey(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openOverlay(useOverlay.getState().open === "palette" ? null : "palette");
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const action = ACTIONS.find(({ key }) => key === event.key);
  if (!action || useOverlay.getState().open) return;
  event.preventDefault();
  action.run();
}

export function startKeys(): void {
  addEventListener("keydown", onKey);
}
