import type { Problem } from "./types.ts";

/** Why a question to the server has no answer: what happened, and what to do. */
export class ApiError extends Error {
  readonly hint: string;
  readonly code: string;

  constructor(problem: Problem) {
    super(problem.message);
    this.code = problem.code;
    this.hint = problem.hint;
  }
}

/** Any failure as one that can be shown. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({
    code: "unreadable",
    message: "The server's answer cannot be read.",
    hint: "Check that the server and the pages are of the same version.",
  });
}

type Parameter = string | number | string[] | null | undefined;

/** Writes a path with its query; what is empty is left out. */
export function address(path: string, query: Record<string, Parameter> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== null && each !== undefined && each !== "") search.append(name, String(each));
    }
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await reach(path, signal);
  if (!response.ok) throw new ApiError(await problemOf(response));
  return (await response.json()) as T;
}

/** Sends a request; raises ApiError where nobody answers it. */
export async function reach(
  path: string,
  signal?: AbortSignal,
  form?: URLSearchParams,
): Promise<Response> {
  const headers = { Accept: "application/json" };
  const sent = form ? { method: "POST", body: form } : {};
  try {
    return await fetch(path, { headers, signal: signal ?? null, ...sent });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError({
      code: "unreachable",
      message: "The Watchroom server does not answer.",
      hint: "Check that `watchroom up` is running and that this address is right.",
    });
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback: Problem = {
    code: `http_${response.status}`,
    message: `The server answered ${response.status} ${response.statusText}.`.replace(" .", "."),
    hint: "Try again; the server's log says more.",
  };
  try {
    const body = (await response.json()) as { error?: Partial<Problem> };
    return { ...fallback, ...body.error };
  } catch {
    return fallback;
  }
}
