import type { Message } from "@/api/types.ts";
import type { Listener, LiveSink, LiveState, Poll, Repeat, Transport } from "./contract.ts";

export const POLL_INTERVAL = 5000;

/**
 * Follows channels by the transport while it is connected and by polling while it is not.
 * Never both: the poll stops before the channels are subscribed again.
 */
export class Follower implements Listener {
  private readonly followed = new Map<string, number>();
  private readonly transport: Transport;
  private readonly poll: Poll;
  private readonly repeat: Repeat;
  private readonly sink: LiveSink;
  private state: LiveState = "connecting";
  private failures = 0;
  private stopPolling: (() => void) | null = null;

  constructor(transport: Transport, poll: Poll, repeat: Repeat, sink: LiveSink) {
    this.transport = transport;
    this.poll = poll;
    this.repeat = repeat;
    this.sink = sink;
  }

  start(): void {
    this.transport.open(this);
  }

  stop(): void {
    this.endPolling();
    this.transport.close();
  }

  follow(channel: string): void {
    if (this.followed.has(channel)) return;
    this.followed.set(channel, -1);
    if (this.state === "websocket") void this.subscribe(channel);
    else if (this.stopPolling) void this.ask(channel);
  }

  leave(channel: string): void {
    if (!this.followed.delete(channel)) return;
    if (this.state === "websocket") this.transport.unsubscribe(channel);
  }

  connected(): void {
    this.endPolling();
    this.become("websocket", 0);
    for (const channel of this.followed.keys()) void this.subscribe(channel);
  }

  disconnected(): void {
    if (this.stopPolling) return;
    this.become("polling", this.failures);
    this.stopPolling = this.repeat(POLL_INTERVAL, () => this.askAll());
    this.askAll();
  }

  update(message: Message): void {
    const last = this.followed.get(message.channel);
    if (last === undefined || message.sequence <= last) return;
    this.accept(message);
  }

  private async subscribe(channel: string): Promise<void> {
    try {
      const message = await this.transport.subscribe(channel);
      // The snapshot sets the sequence anew: a restarted server counts from the start.
      if (this.followed.has(channel)) this.accept(message);
    } catch {
      this.become(this.state, this.failures + 1);
    }
  }

  private askAll(): void {
    for (const channel of this.followed.keys()) void this.ask(channel);
  }

  private async ask(channel: string): Promise<void> {
    try {
      const message = await this.poll(channel);
      if (!this.stopPolling) return;
      this.become("polling", 0);
      if (this.followed.has(channel)) this.accept(message);
    } catch {
      if (this.stopPolling) this.become("offline", this.failures + 1);
    }
  }

  private accept(message: Message): void {
    this.followed.set(message.channel, message.sequence);
    this.sink.message(message);
  }

  private endPolling(): void {
    this.stopPolling?.();
    this.stopPolling = null;
  }

  private become(state: LiveState, failures: number): void {
    if (state === this.state && failures === this.failures) return;
    this.state = state;
    this.failures = failures;
    this.sink.state(state, failures);
  }
}
