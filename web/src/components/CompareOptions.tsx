import { DISTANCES, nameCompare } from "@/lib/compare.ts";
import { parseDuration } from "@/lib/range.ts";
import { go, useView } from "@/live/view.ts";
import { Option } from "./Option.tsx";

/** What all charts in view are compared with. */
export function CompareOptions({ onDone }: { onDone: () => void }) {
  const { compare, range, span } = useView();
  const choose = (next: string) => {
    go({ compare: next === compare ? "" : next });
    onDone();
  };
  return (
    <>
      <div className="option-group">Compare with</div>
      {["previous", ...DISTANCES].map((each) => (
        <Option
          key={each}
          chosen={compare === each}
          testId={`compare-${each}`}
          onClick={() => choose(each)}
        >
          {nameCompare(each, span ? null : range)}
        </Option>
      ))}
      <input
        className="field distance"
        aria-label="Another distance"
        placeholder="another, such as 3d"
        data-testid="compare-distance"
        onKeyDown={(event) => {
          const distance = event.currentTarget.value.trim();
          if (event.key === "Enter" && parseDuration(distance)) choose(distance);
        }}
      />
      {compare && (
        <Option testId="compare-off" onClick={() => choose(compare)}>
          nothing
        </Option>
      )}
    </>
  );
}
