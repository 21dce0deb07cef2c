import { Mark } from "@/components/Mark.tsx";
import type { Worst } from "@/lib/verdict.ts";
import type { LiveState } from "@/live/contract.ts";
import { useLive } from "@/live/store.ts";

const SAYS: Record<LiveState, { mark: Worst; word: string; title: string }> = {
  connecting: { mark: "quiet", word: "Connecting", title: "Opening the live connection" },
  websocket: { mark: "well", word: "Connected", title: "Updates arrive by WebSocket" },
  polling: { mark: "warning", word: "Polling", title: "No WebSocket: asking every 5 s" },
  offline: { mark: "critical", word: "Offline", title: "The server does not answer" },
};

export function Connection() {
  const state = useLive((live) => live.state);
  const failures = useLive((live) => live.failures);
  const { mark, word, title } = SAYS[state];
  const tries = failures > 0 ? `; ${failures} tries failed` : "";
  return (
    <span
      className="connection"
      role="status"
      data-testid="connection"
      data-state={state}
      title={title + tries}
    >
      <Mark state={mark} label={title} />
      {word}
    </span>
  );
}
