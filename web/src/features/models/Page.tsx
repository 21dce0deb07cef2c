import "@/charts/charts.css";
import "@/components/verdict.css";
import "@/components/tiles.css";
import "./models.css";
import type { Current } from "@/api/types.ts";
import { Gate } from "@/components/Gate.tsx";
import { PageLink } from "@/components/PageLink.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";
import { Verdict } from "@/components/Verdict.tsx";
import { useCurrent } from "@/live/useCurrent.ts";
import { useView } from "@/live/view.ts";
import { ModelSection } from "./ModelSection.tsx";
import { NoModels } from "./NoModels.tsx";

const ABOUT = ["mae", "silent"];

/** Says how many models keep within their limits. */
function within({ model_metrics: { models } }: Current): string {
  if (models.length === 0) return "no models";
  return models.length === 1
    ? "1 model within its limits"
    : `${models.length} models within their limits`;
}

export default function ModelsPage() {
  const current = useCurrent();
  const chosen = useView((view) => view.where.find((each) => each.startsWith("model=")));
  const models = current?.model_metrics.models ?? [];
  const shown = models.find(({ model }) => chosen === `model=${model}`) ?? models[0];
  return (
    <div className="page">
      <h1 className="unseen">Models</h1>
      <Verdict about={ABOUT} calm={within} />
      <Gate>
        {!current && <Skeleton height={420} />}
        {current && models.length === 0 && <NoModels />}
        {models.length > 0 && (
          <nav className="switch" aria-label="Model">
            {models.map(({ model, service }) => (
              <PageLink
                key={`${service}/${model}`}
                to={{ where: [`model=${model}`] }}
                current={shown?.model === model && shown.service === service}
              >
                {model}
              </PageLink>
            ))}
          </nav>
        )}
        {current && shown && <ModelSection key={shown.model} model={shown} now={current.time} />}
      </Gate>
    </div>
  );
}
