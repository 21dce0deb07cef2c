import { beforeEach, describe, expect, test } from "vitest";
import type { Message } from "@/api/types.ts";
import type { Listener, LiveState, Transport } from "./contract.ts";
import { Follower, POLL_INTERVAL } from "./follower.ts";

/** A transport under the test's hand. */
class Wire implements Transport {
  listener: Listener | null = null;
  subscribed: string[] = [];
  left: string[] = [];
  sequence = 1;

  open(listener: Listener): void {
    this.listener = listener;
  }
  close(): void {
    this.listener = null;
  }
  async subscribe(channel: string): Promise<Message> {
    this.subscribed.push(channel);
    return { channel, sequence: this.sequence, data: "snapshot" };
  }
  unsubscribe(channel: string): void {
    this.left.push(channel);
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

let wire: Wire;
let polls: string[];
let reachable: boolean;
let ticks: Map<() => void, number>;
let states: [LiveState, number][];
let messages: Message[];
let follower: Follower;

beforeEach(() => {
  wire = new Wire();
  polls = [];
  reachable = true;
  ticks = new Map();
  states = [];
  messages = [];
  follower = new Follower(
    wire,
    async (channel) => {
      polls.push(channel);
      if (!reachable) throw new Error("refused");
      return { channel, sequence: 100 + polls.length, data: "polled" };
    },
    (milliseconds, task) => {
      ticks.set(task, milliseconds);
      return () => void ticks.delete(task);
    },
    {
      state: (state, failures) => states.push([state, failures]),
      message: (m) => messages.push(m),
    },
  );
  follower.start();
  follower.follow("metrics/current");
});

const tick = async () => {
  for (const task of [...ticks.keys()]) task();
  await settle();
};

describe("while connected", () => {
  beforeEach(async () => {
    wire.listener?.connected();
    await settle();
  });

  test("channels are subscribed and never polled", async () => {
    follower.follow("services");
    await tick();
    expect(wire.subscribed).toEqual(["metrics/current", "services"]);
    expect(states).toEqual([["websocket", 0]]);
    expect(ticks.size).toBe(0);
    expect(polls).toEqual([]);
  });

  test("only newer updates of followed channels count", () => {
    messages.length = 0;
    for (const sequence of [3, 2, 3, 4]) {
      wire.listener?.update({ channel: "metrics/current", sequence, data: sequence });
    }
    wire.listener?.update({ channel: "other", sequence: 9, data: 9 });
    expect(messages.map(({ sequence }) => sequence)).toEqual([3, 4]);
  });

  test("a channel left is unsubscribed", () => {
    follower.leave("metrics/current");
    follower.leave("metrics/current");
    expect(wire.left).toEqual(["metrics/current"]);
  });
});

describe("when the connection breaks", () => {
  beforeEach(async () => {
    wire.listener?.connected();
    await settle();
    wire.listener?.disconnected();
    await settle();
  });

  test("it polls at once and then every 5 s", async () => {
    expect(polls).toEqual(["metrics/current"]);
    expect([...ticks.values()]).toEqual([POLL_INTERVAL]);
    await tick();
    expect(polls.length).toBe(2);
    expect(states.at(-1)).toEqual(["polling", 0]);
    expect(messages.at(-1)?.data).toBe("polled");
  });

  test("a second report of it starts no second poll", () => {
    wire.listener?.disconnected();
    expect(ticks.size).toBe(1);
  });

  test("failures are counted as offline, and forgotten with the first answer", async () => {
    reachable = false;
    await tick();
    await tick();
    expect(states.at(-1)).toEqual(["offline", 2]);
    reachable = true;
    await tick();
    expect(states.at(-1)).toEqual(["polling", 0]);
  });

  test("a new connection stops the poll and subscribes again, whatever the sequence", async () => {
    wire.sequence = 0;
    wire.listener?.connected();
    await settle();
    expect(ticks.size).toBe(0);
    expect(wire.subscribed).toEqual(["metrics/current", "metrics/current"]);
    wire.listener?.update({ channel: "metrics/current", sequence: 1, data: "restarted" });
    expect(messages.at(-1)?.data).toBe("restarted");
  });

  test("an answer to a poll that comes after the connection is back is dropped", async () => {
    messages.length = 0;
    for (const task of ticks.keys()) task();
    wire.listener?.connected();
    await settle();
    expect(messages.map(({ data }) => data)).toEqual(["snapshot"]);
    expect(states.at(-1)).toEqual(["websocket", 0]);
  });
});
