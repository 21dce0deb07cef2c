import { Code } from "@/components/Code.tsx";

const LINES = `prediction = watchroom.record_prediction("my_model", value, confidence=0.9)
# later, when the truth is known
watchroom.record_outcome(prediction, actual=truth)`;

/** The lines that fill the page. */
export function NoModels() {
  return (
    <section className="empty" data-testid="empty" aria-label="No model reports yet">
      <h2>No model reports yet</h2>
      <p>Where your service predicts, add:</p>
      <Code text={LINES} />
      <p>The error becomes a live number as soon as outcomes arrive.</p>
    </section>
  );
}
