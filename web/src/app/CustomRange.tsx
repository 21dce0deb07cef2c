import { type FormEvent, useState } from "react";
import { lengthOf } from "@/lib/view.ts";
import { go, serverNow, useView } from "@/live/view.ts";

/** Seconds as the local time a datetime field takes. */
function toField(seconds: number): string {
  const shifted = seconds - new Date(seconds * 1000).getTimezoneOffset() * 60;
  return new Date(shifted * 1000).toISOString().slice(0, 19);
}

export function CustomRange({ onDone }: { onDone: () => void }) {
  const view = useView();
  const to = view.span?.to ?? serverNow();
  const [ends, setEnds] = useState({
    from: toField(view.span?.from ?? to - lengthOf(view)),
    to: toField(to),
  });
  const span = { from: Date.parse(ends.from) / 1000, to: Date.parse(ends.to) / 1000 };
  const wrong = !(span.to > span.from);
  const apply = (event: FormEvent) => {
    event.preventDefault();
    if (wrong) return;
    go({ span });
    onDone();
  };
  return (
    <form className="custom" onSubmit={apply}>
      {(["from", "to"] as const).map((end) => (
        <label key={end}>
          {end === "from" ? "From" : "To"}
          <input
            type="datetime-local"
            step="1"
            value={ends[end]}
            onChange={(event) => setEnds({ ...ends, [end]: event.target.value })}
          />
        </label>
      ))}
      {wrong && <span className="wrong">The end must be later than the start.</span>}
      <button type="submit" className="action" disabled={wrong}>
        Show this window
      </button>
    </form>
  );
}
