import { Dialog } from "@base-ui/react/dialog";
import { useMetrics } from "@/live/useMetrics.ts";
import { ACTIONS, metricActions, openOverlay, serviceActions, useOverlay } from "./actions.ts";
import Finder from "./Finder.tsx";
import { useServiceNames } from "./useServiceNames.ts";

const GESTURES = [
  ["Drag", "Zoom all charts"],
  ["Double-click", "Zoom back"],
  ["Click a name", "One series alone, and back"],
] as const;

const EDITOR = [
  ["Enter", "In Explore: run the queries; also Ctrl Enter"],
  ["Shift Enter", "In Explore: a new line"],
  ["Ctrl Space", "In Explore: what fits here"],
] as const;

function Palette() {
  const services = serviceActions(useServiceNames());
  const { metrics } = useMetrics();
  const actions = [...ACTIONS, ...services, ...metricActions(metrics ?? [])];
  return (
    <>
      <Dialog.Title className="unseen">Find</Dialog.Title>
      <Finder
        actions={actions}
        grouped
        placeholder="Find a page, a service, a metric, a range, an action"
        onDone={() => openOverlay(null)}
      />
    </>
  );
}

function Keys() {
  const keyed = ACTIONS.flatMap(({ key, name }) => (key ? [[key, name] as const] : []));
  return (
    <>
      <Dialog.Title>Keys and gestures</Dialog.Title>
      <dl className="keys">
        {[["Ctrl K", "Find anything"] as const, ...keyed, ...GESTURES, ...EDITOR].map(
          ([key, name]) => (
            <div key={key} style={{ display: "contents" }}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{name}</dd>
            </div>
          ),
        )}
      </dl>
    </>
  );
}

export default function Overlays() {
  const open = useOverlay((state) => state.open);
  return (
    <Dialog.Root open={open !== null} onOpenChange={(next) => !next && openOverlay(null)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="veil" />
        <Dialog.Popup className="dialog" data-testid={open ?? undefined}>
          {open === "palette" && <Palette />}
          {open === "keys" && <Keys />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
