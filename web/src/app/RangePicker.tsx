import { Icon } from "@/components/Icon.tsx";
import { Picker } from "@/components/Picker.tsx";
import { spanOf } from "@/lib/format.ts";
import { nameRange, RANGES } from "@/lib/range.ts";
import { setRange, useView } from "@/live/view.ts";
import { CustomRange } from "./CustomRange.tsx";

export function RangePicker() {
  const range = useView((view) => view.range);
  const span = useView((view) => view.span);
  const shown = span ? spanOf(span.from, span.to) : nameRange(range);
  const face = (
    <>
      <Icon name="clock" />
      <span className="cut">{shown}</span>
      <Icon name="down" />
    </>
  );
  const value = span ? `${span.from}/${span.to}` : range;
  return (
    <Picker label={`Time range: ${shown}`} testId="range" value={value} face={face}>
      {(close) => (
        <>
          {RANGES.map((each) => (
            <button
              key={each}
              type="button"
              className="option"
              data-testid={`range-${each}`}
              data-chosen={!span && each === range}
              aria-pressed={!span && each === range}
              onClick={() => {
                setRange(each);
                close();
              }}
            >
              {nameRange(each)}
              <span className="aside">{each}</span>
            </button>
          ))}
          <CustomRange onDone={close} />
        </>
      )}
    </Picker>
  );
}
