import { create } from "zustand";
import { getJson } from "@/api/client.ts";
import type { Message } from "@/api/types.ts";
import type { LiveState } from "./contract.ts";
import { Follower } from "./follower.ts";
import { type Received, recall } from "./memory.ts";
import { SocketTransport } from "./socket.ts";

interface Live {
  state: LiveState;
  failures: number;
  /** When updates last stopped or last arrived, by this browser's clock, in seconds. */
  heard: number | null;
  paused: boolean;
  /** The newest content of each channel. */
  latest: Record<string, Received>;
  /** What the pages show: stands still while paused. */
  shown: Record<string, Received>;
}

export const useLive = create<Live>(() => ({
  state: "connecting",
  failures: 0,
  heard: null,
  paused: false,
  latest: {},
  shown: recall(),
}));

function joined({ shown }: Live, channel: string, received: Received): Live["shown"] {
  return { ...shown, [channel]: received };
}

export function receive(message: Message): void {
  const received = { sequence: message.sequence, data: message.data };
  useLive.setState((live) => {
    const latest = { ...live.latest, [message.channel]: received };
    // Even while paused, each channel's content has to come once.
    const still = live.paused && message.channel in live.latest;
    return {
      latest,
      heard: Date.now() / 1000,
      shown: still ? live.shown : joined(live, message.channel, received),
    };
  });
}

/** Stands the numbers still, or lets them catch up. */
export function setPaused(paused: boolean): void {
  useLive.setState((live) => ({ paused, shown: paused ? live.shown : live.latest }));
}

export const follower = new Follower(
  new SocketTransport(),
  (channel) =>
    getJson<Message>(`/api/live/${channel.split("/").map(encodeURIComponent).join("/")}`),
  (milliseconds, task) => {
    const timer = setInterval(task, milliseconds);
    return () => clearInterval(timer);
  },
  { message: receive, state: (state, failures) => useLive.setState({ state, failures }) },
);

export function currentChannel(service: string): string {
  return service ? `metrics/current/${service}` : "metrics/current";
}

export const SERVICES = "services";

/** Says whether what is shown is older than this page, or the server is gone. */
export function isStale(live: Live): boolean {
  return live.state === "offline" || live.heard === null;
}
