import { useCallback, useEffect, useRef, useState } from "react";
import { type ApiError, asApiError } from "./client.ts";
import { ask, type Reply } from "./prometheus.ts";

/** One question to the server: its name on the page, and what is asked. */
export interface Ask {
  name: string;
  resource: string;
  parameters: Record<string, string | number>;
}

export interface Told<T> {
  reply: Reply<T> | null;
  /** What the reply answers; differs from the asked while the next is on its way. */
  of: Ask | null;
  error: ApiError | null;
  busy: boolean;
}

interface Run {
  key: string;
  controller: AbortController;
  /** The text that the server cannot read, as it will not later. */
  refused?: string;
}

type Running = Map<string, Run>;

/** Asks several questions at once; each keeps its last answer until the next is there. */
export function useReplies<T>(asks: Ask[], attempt: number) {
  const [told, setTold] = useState<Record<string, Told<T>>>({});
  const running = useRef<Running>(new Map());
  const change = useCallback((name: string, patch: Partial<Told<T>>) => {
    const blank: Told<T> = { reply: null, of: null, error: null, busy: false };
    setTold((all) => ({ ...all, [name]: { ...(all[name] ?? blank), ...patch } }));
  }, []);
  const identity = JSON.stringify([asks, attempt]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the questions are in their identity
  useEffect(() => {
    dropOthers(running.current, asks);
    for (const each of asks) start(each);

    function start(each: Ask) {
      const key = JSON.stringify([each, attempt]);
      const before = running.current.get(each.name);
      if (before?.key === key || before?.refused === textOf(each, attempt)) return;
      before?.controller.abort();
      const controller = new AbortController();
      const run: Run = { key, controller };
      running.current.set(each.name, run);
      change(each.name, { busy: true });
      ask<T>(each.resource, each.parameters, controller.signal).then(
        (reply) => change(each.name, { reply, of: each, error: null, busy: false }),
        (error: unknown) => {
          if (controller.signal.aborted) return;
          const told = asApiError(error);
          if (told.code === "bad_data") run.refused = textOf(each, attempt);
          change(each.name, { error: told, busy: false });
        },
      );
    }
  }, [identity, change]);

  useEffect(() => {
    const mine = running.current;
    return () => {
      for (const { controller } of mine.values()) controller.abort();
      mine.clear();
    };
  }, []);

  const cancel = useCallback(() => {
    for (const [name, { controller }] of running.current) {
      controller.abort();
      change(name, { busy: false });
    }
  }, [change]);

  return { told, cancel };
}

function textOf({ resource, parameters }: Ask, attempt: number): string {
  return JSON.stringify([resource, parameters.query, attempt]);
}

function dropOthers(running: Running, asks: Ask[]): void {
  for (const [name, { controller }] of running) {
    if (asks.some((each) => each.name === name)) continue;
    controller.abort();
    running.delete(name);
  }
}
