import { useState } from "react";
import { useFirst } from "@/components/Rest.tsx";
import { changeOf, writeChange } from "@/lib/compare.ts";
import { figure, written as quantity, type Unit } from "@/lib/format.ts";
import type { Row } from "./answers.ts";
import { meanOf, quantileOf } from "./histograms.ts";
import { written } from "./names.ts";

interface Properties {
  rows: Row[];
  unit: Unit;
  compared: boolean;
}

const MOST_ROWS = 100;

/** What is no number is said as such: it is an answer, too. */
function say(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "−Inf";
  return quantity(value, unit);
}

function Values({ row, unit }: { row: Row; unit: Unit }) {
  const { histogram } = row;
  if (!histogram) return say(row.value, unit);
  const quantiles = [0.5, 0.95, 0.99].map(
    (share) => `p${share * 100} ${quantity(quantileOf(histogram, share), unit)}`,
  );
  return (
    <>
      {quantiles.join(" · ")}
      <span className="of">
        mean {quantity(meanOf(histogram), unit)} · count {figure(Number(histogram.count))}
      </span>
    </>
  );
}

/** The values at the end of the window, largest first; a heading sorts the other way. */
export function Table({ rows, unit, compared }: Properties) {
  const [ascending, setAscending] = useState(false);
  const several = new Set(rows.map(({ query }) => query)).size > 1;
  const { first, rest } = useFirst(ascending ? rows.toReversed() : rows, MOST_ROWS, "series");
  return (
    <div className="scroll-x">
      <table className="table stack answers" data-testid="answers">
        <thead>
          <tr>
            <th scope="col">Series</th>
            <th scope="col" aria-sort={ascending ? "ascending" : "descending"}>
              <button type="button" className="sort" onClick={() => setAscending(!ascending)}>
                Value {ascending ? "↑" : "↓"}
              </button>
            </th>
            {compared && <th scope="col">Earlier</th>}
            {compared && <th scope="col">Change</th>}
          </tr>
        </thead>
        <tbody>
          {first.map((row) => (
            <tr key={`${row.query} ${written(row.labels)}`}>
              <td>
                {several && <span className="query-name small">{row.query}</span>}
                <code>{written(row.labels) || "{}"}</code>
              </td>
              <td data-label="Value" data-value={row.value}>
                <Values row={row} unit={unit} />
              </td>
              {compared && (
                <td data-label="Earlier">{row.past === null ? "–" : say(row.past, unit)}</td>
              )}
              {compared && (
                <td data-label="Change">{writeChange(changeOf([row.value], [row.past])) || "–"}</td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {rest}
    </div>
  );
}
