export interface Received {
  sequence: number;
  data: unknown;
}

type Shown = Record<string, Received>;

const KEY = "watchroom.last";
const LONGEST = 500_000;

/** The numbers last shown on this address, so that the first frame is not empty. */
export function recall(): Shown {
  try {
    return (JSON.parse(localStorage.getItem(KEY) ?? "{}") as Shown | null) ?? {};
  } catch {
    return {};
  }
}

/** Keeps what is shown for the next time, unless it is too much for the browser's small store. */
export function remember(shown: Shown): void {
  const text = JSON.stringify(shown);
  if (text.length < LONGEST) localStorage.setItem(KEY, text);
}
