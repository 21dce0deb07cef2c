import { nameCompare } from "@/lib/compare.ts";
import { go, useView } from "@/live/view.ts";
import { Icon } from "./Icon.tsx";

/** Says that the charts are compared, with what, and how to end it. */
export function Comparison() {
  const { compare, range, span } = useView();
  if (!compare) return null;
  const name = nameCompare(compare, span ? null : range);
  return (
    <div className="chips" data-testid="comparison">
      <button
        type="button"
        className="chip"
        onClick={() => go({ compare: "" })}
        aria-label={`End the comparison with ${name}`}
      >
        <span className="cut">dashed: {name}</span>
        <Icon name="close" />
      </button>
    </div>
  );
}
