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

type Running = Map<string, { key: string; controller: AbortController }>;

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
      if (before?.key === key) return;
      before?.controller.abort();
      const controller = new AbortController();
      running.current.set(each.name, { key, controller });
      change(each.name, { busy: true });
      ask<T>(each.resource, each.parameters, controller.signal).then(
        (reply) => change(each.name, { reply, of: each, error: null, busy: false }),
        (error: unknown) => {
          if (!controller.signal.aborted)
            change(each.name, { error: asApiError(error), busy: false });
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

function dropOthers(running: Running, asks: Ask[]): void {
  for (const [name, { controller }] of running) {
    if (asks.some((each) => each.name === name)) continue;
    controller.abort();
    running.delete(name);
  }
}
