import { Card } from "@/components/Card.tsx";
import { Failure } from "@/components/Failure.tsx";
import { Nothing } from "@/components/Nothing.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";
import { nameCompare } from "@/lib/compare.ts";
import type { Unit } from "@/lib/format.ts";
import { useView } from "@/live/view.ts";
import { LineChart } from "./LineChart.tsx";
import type { Threshold } from "./marks.ts";
import { ChartMenu } from "./menu/ChartMenu.tsx";
import type { Joining } from "./series.ts";
import { useCompared } from "./useCompared.ts";
import { useEquivalents } from "./useEquivalents.ts";
import { type Question, useHistory } from "./useHistory.ts";
import { useWindow } from "./useWindow.ts";

interface Properties {
  title: string;
  note?: string;
  unit: Unit;
  question: Question;
  /** The name of the only line, where the question is not split. */
  line?: string;
  joining?: Joining;
  threshold?: Threshold | null;
  className?: string;
  /** What to say where there is nothing to draw. */
  nothing?: string;
}

/** A card with the history of one metric, split by a label or not. */
export function HistoryChart(properties: Properties) {
  const { title, note, unit, question, line = title, joining = null } = properties;
  const { data, error, retry, busy } = useHistory(question);
  const window = useWindow(data);
  const plotted = useCompared({ question, data, line, joining });
  const queries = useEquivalents([question], [line]);
  const earlier = useView(({ compare, range, span }) => nameCompare(compare, span ? null : range));
  const empty =
    plotted && !plotted.lines.some(({ values }) => values.some((value) => value !== null));
  const many =
    data && joining === null && data.series.length > 5 ? `top 5 of ${data.series.length}` : note;
  const menu = (
    <ChartMenu
      chart={question.metric}
      title={title}
      shown={plotted && !empty ? { unit, earlier, ...plotted } : null}
      queries={queries}
    />
  );
  return (
    <Card title={title} note={many} className={properties.className} aside={menu}>
      {error && !plotted ? (
        <Failure error={error} retry={retry} />
      ) : !plotted ? (
        <Skeleton height={216} />
      ) : empty ? (
        <Nothing chart={question.metric}>
          {properties.nothing ?? "Nothing was recorded in this window."}
        </Nothing>
      ) : (
        <LineChart
          id={question.metric}
          name={title}
          plotted={plotted}
          unit={unit}
          window={window.span}
          complete={window.complete}
          threshold={properties.threshold}
          busy={busy}
          single={!question.by}
        />
      )}
    </Card>
  );
}
