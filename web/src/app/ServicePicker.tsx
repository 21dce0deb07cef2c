import { Suspense } from "react";
import { Icon } from "@/components/Icon.tsx";
import { Picker } from "@/components/Picker.tsx";
import { chunk } from "@/live/chunk.ts";
import { useView } from "@/live/view.ts";
import { serviceActions } from "./actions.ts";
import { useServiceNames } from "./useServiceNames.ts";

const Finder = chunk(() => import("./Finder.tsx"));

export function ServicePicker() {
  const service = useView((view) => view.service);
  const names = useServiceNames();
  const face = (
    <>
      <Icon name="service" />
      <span className="cut">{service || "All services"}</span>
      <Icon name="down" />
    </>
  );
  return (
    <Picker
      label={`Service: ${service || "all"}`}
      testId="service"
      className="service"
      value={service}
      face={face}
    >
      {(close) => (
        <Suspense>
          <Finder
            actions={serviceActions(names)}
            chosen={`service/${service}`}
            placeholder="Find a service"
            onDone={close}
          />
        </Suspense>
      )}
    </Picker>
  );
}
