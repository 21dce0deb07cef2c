import { useCallback, useEffect, useState } from "react";
import { type ApiError, asApiError, getJson } from "./client.ts";

export interface Answer<T> {
  data: T | null;
  /** The address the data answers; differs from the asked one while the next is on its way. */
  of: string | null;
  error: ApiError | null;
  retry: () => void;
}

/** Asks an address, and again whenever `turn` changes; keeps the last answer meanwhile. */
export function useQuery<T>(path: string | null, turn: number = 0): Answer<T> {
  const [answer, setAnswer] = useState<Omit<Answer<T>, "retry">>({
    data: null,
    of: null,
    error: null,
  });
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn or attempt asks again
  useEffect(() => {
    if (path === null) return;
    const controller = new AbortController();
    getJson<T>(path, controller.signal).then(
      (data) => setAnswer({ data, of: path, error: null }),
      (error: unknown) => {
        if (!controller.signal.aborted)
          setAnswer((last) => ({ ...last, error: asApiError(error) }));
      },
    );
    return () => controller.abort();
  }, [path, turn, attempt]);

  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  return { ...answer, retry };
}
