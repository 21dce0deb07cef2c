import "@/charts/charts.css";
import "@/components/verdict.css";
import "./explore.css";
import { useView } from "@/live/view.ts";
import { MetricBrowser } from "./browser/MetricBrowser.tsx";
import { Examples } from "./Examples.tsx";
import { Options } from "./Options.tsx";
import { Queries } from "./Queries.tsx";
import { Result } from "./Result.tsx";
import { Toolbar } from "./Toolbar.tsx";
import { useExploration } from "./useExploration.ts";
import { useFound } from "./useFound.ts";
import { useUnit } from "./useUnit.ts";

/** Ask anything of what is stored, in PromQL or by clicking. */
export default function ExplorePage() {
  const { queries, browse, unit: chosen } = useView((view) => view.explore);
  const exploration = useExploration();
  const found = useFound(exploration);
  const unit = useUnit(queries, chosen, found.histograms);
  const asked = queries.some(({ expr }) => expr.trim() !== "");
  return (
    <div className="page explore" data-browsing={browse !== ""}>
      <h1 className="unseen">Explore</h1>
      {browse !== "" && <MetricBrowser shown={browse} />}
      <div className="page">
        <Toolbar />
        <Queries exploration={exploration} />
        {asked ? (
          <>
            <Options step={exploration.grid.step} unit={unit} />
            <Result exploration={exploration} found={found} unit={unit} />
          </>
        ) : (
          <Examples />
        )}
      </div>
    </div>
  );
}
