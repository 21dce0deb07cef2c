import { Component, type ReactNode } from "react";
import { ChunkMissing } from "@/live/chunk.ts";

interface Properties {
  /** What is inside, as the start of a sentence: "This chart". */
  what: string;
  children: ReactNode;
}

/** Keeps a failure to the part it happened in, and says there what happened. */
export class Boundary extends Component<Properties, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(thrown: unknown) {
    return { error: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    const retry = () => this.setState({ error: null });
    return error instanceof ChunkMissing ? (
      <Missing error={error} />
    ) : (
      <Broken what={this.props.what} error={error} retry={retry} />
    );
  }
}

function Reload() {
  return (
    <button type="button" className="action" onClick={() => location.reload()}>
      Load the page again
    </button>
  );
}

function Missing({ error }: { error: Error }) {
  return (
    <div className="state" role="alert" data-testid="broken">
      <strong>{error.message}</strong>
      <span>The server answers, but not with this code: it was probably updated meanwhile.</span>
      <Reload />
    </div>
  );
}

function Broken({ what, error, retry }: { what: string; error: Error; retry: () => void }) {
  return (
    <div className="state" role="alert" data-testid="broken">
      <strong>{what} could not be drawn.</strong>
      <span>
        It stopped at <code>{`${error.name}: ${error.message}`}</code>. Try again; if that does not
        help, load the page again.
      </span>
      <span className="actions">
        <button type="button" className="action" onClick={retry}>
          Try again
        </button>
        <Reload />
      </span>
    </div>
  );
}
