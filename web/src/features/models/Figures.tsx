import type { ReactNode } from "react";
import type { Model } from "@/api/types.ts";
import { Figure } from "@/components/Figure.tsx";
import { Mark } from "@/components/Mark.tsx";
import { duration, grouped, known, mark } from "@/lib/format.ts";
import { breaks, LIMITS } from "@/lib/limits.ts";

interface EntryProperties {
  name: string;
  broken?: boolean;
  under: string;
  children: ReactNode;
}

function Entry({ name, broken, under, children }: EntryProperties) {
  return (
    <div className="tile plain">
      <dt>
        {name}
        {broken && <Mark state="warning" label="worse than its target" />}
      </dt>
      <dd className="figure" data-level={broken ? "warning" : undefined}>
        {children}
      </dd>
      <dd className="under cut">{under}</dd>
    </div>
  );
}

/** The model's figures of the last minute, each against its target. */
export function Figures({ model, now }: { model: Model; now: number }) {
  const { mae, r2, target_mae, target_r2, last_updated } = model;
  const ratio = known(mae) && known(target_mae) && target_mae > 0 ? mae / target_mae : null;
  const target = (value: number | null) =>
    known(value) ? `target ${mark(value)}` : "no target set";
  return (
    <dl className="tiles">
      <Entry name="MAE" broken={breaks(LIMITS.mae, ratio)} under={target(target_mae)}>
        <Figure value={mae} unit="plain" />
      </Entry>
      <Entry name="R²" under={target(target_r2)}>
        <Figure value={r2} unit="plain" />
      </Entry>
      <Entry name="Predictions per minute" under={`${grouped(model.predictions_count)} in all`}>
        <Figure value={model.predictions_per_minute} unit="count" />
      </Entry>
      <Entry
        name="Confidence"
        under={
          known(last_updated)
            ? `last prediction ${duration(now - last_updated)} ago`
            : "no prediction yet"
        }
      >
        <Figure value={model.avg_confidence} unit="plain" />
      </Entry>
    </dl>
  );
}
