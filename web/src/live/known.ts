import { create } from "zustand";

/** For each question in view, since when its answer holds anything, in seconds. */
const useKnown = create<{ since: Record<string, number> }>(() => ({ since: {} }));

/** Tells since when a question's answer holds anything; null when it left the page. */
export function tellKnown(question: string, since: number | null): void {
  const { [question]: _, ...others } = useKnown.getState().since;
  useKnown.setState({ since: since === null ? others : { ...others, [question]: since } });
}

/** Since when the charts in view know anything; null while none does. */
export function beginning(): number | null {
  return earliest(useKnown.getState().since);
}

export function useBeginning(): number | null {
  return useKnown(({ since }) => earliest(since));
}

function earliest(since: Record<string, number>): number | null {
  const times = Object.values(since);
  return times.length > 0 ? Math.min(...times) : null;
}
