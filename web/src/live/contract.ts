import type { Message } from "@/api/types.ts";

/** How updates arrive now. */
export type LiveState = "connecting" | "websocket" | "polling" | "offline";

/** What a transport tells of itself. */
export interface Listener {
  connected(): void;
  disconnected(): void;
  update(message: Message): void;
}

/** A connection that reconnects by itself. */
export interface Transport {
  open(listener: Listener): void;
  close(): void;
  /** Resolves with the channel's content; rejects where the server refuses. */
  subscribe(channel: string): Promise<Message>;
  unsubscribe(channel: string): void;
}

/** Asks for a channel's content once. */
export type Poll = (channel: string) => Promise<Message>;

/** Runs something again and again until the returned function is called. */
export type Repeat = (milliseconds: number, task: () => void) => () => void;

export interface LiveSink {
  state(state: LiveState, failures: number): void;
  message(message: Message): void;
}
