/** The queries one ran, newest first, in this browser. */

const KEY = "watchroom.queries";
const MOST = 60;

export function queriesRun(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

export function noteRun(exprs: string[]): void {
  localStorage.setItem(KEY, JSON.stringify(noted(queriesRun(), exprs)));
}

export function forgetRuns(): void {
  localStorage.removeItem(KEY);
}

/** Puts what was run on top; each stands there once. */
export function noted(before: string[], exprs: string[]): string[] {
  const fresh = [...new Set(exprs.map((expr) => expr.trim()).filter((expr) => expr !== ""))];
  return [...fresh, ...before.filter((each) => !fresh.includes(each))].slice(0, MOST);
}
