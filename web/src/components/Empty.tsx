import { Code } from "@/components/Code.tsx";

/** The lines that fill an empty house. */
export function Empty() {
  const lines = [
    "import watchroom",
    "",
    `watchroom.init("my-service", url="${location.origin}")`,
    "app.add_middleware(watchroom.ASGIMiddleware)",
  ];
  return (
    <section className="empty" data-testid="empty" aria-label="Add your first service">
      <h2>Add your first service</h2>
      <p>Install the package where your service runs:</p>
      <Code text="pip install watchroom" />
      <p>Then add these lines to its FastAPI or Starlette app:</p>
      <Code text={lines.join("\n")} />
      <p>
        It appears here within seconds of its first request. To look around first, run{" "}
        <code>watchroom demo</code>.
      </p>
    </section>
  );
}
