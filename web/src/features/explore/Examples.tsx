import { Failure } from "@/components/Failure.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";
import { rateWindow } from "@/lib/promql.ts";
import { stepFor } from "@/lib/range.ts";
import { lengthOf } from "@/lib/view.ts";
import { useMetrics } from "@/live/useMetrics.ts";
import { explore, useView } from "@/live/view.ts";
import { examplesOf } from "./examples.ts";

/** What to ask first, on the data there is. */
export function Examples() {
  const { metrics, error, retry } = useMetrics();
  const length = useView(lengthOf);
  if (error && !metrics) return <Failure error={error} retry={retry} />;
  if (!metrics) return <Skeleton height={150} />;
  const examples = examplesOf(metrics, rateWindow(stepFor(length)));
  return (
    <section className="examples" data-testid="examples" aria-label="Examples">
      <h2>{examples.length > 0 ? "Ask something" : "Nothing is stored yet"}</h2>
      <p>
        {examples.length > 0
          ? "Type PromQL above, choose a metric by its name under Metrics, or begin with one of these:"
          : "As soon as a program reports, its metrics can be asked here. To look around, run watchroom demo."}
      </p>
      <ul>
        {examples.map(({ words, expr, legend }) => (
          <li key={expr}>
            <button
              type="button"
              className="example"
              onClick={() => explore({ queries: [{ name: "A", expr, legend, hidden: false }] })}
            >
              <span>{words}</span>
              <code>{expr}</code>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
