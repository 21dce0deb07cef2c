import { useEffect } from "react";
import critical from "@/assets/icon-critical.svg";
import quiet from "@/assets/icon-quiet.svg";
import warning from "@/assets/icon-warning.svg";
import well from "@/assets/icon-well.svg";
import { type Worst, worstOf } from "@/lib/verdict.ts";
import { useLive } from "@/live/store.ts";
import { useCurrent } from "@/live/useCurrent.ts";
import { useFindings } from "@/live/useFindings.ts";
import { useView } from "@/live/view.ts";
import { PAGES } from "./pages.ts";

const ICONS: Record<Worst, string> = { well, warning, critical, quiet };
const SIGNS: Record<Worst, string> = { well: "●", warning: "▲", critical: "■", quiet: "○" };

export function useWorst(): Worst {
  const list = useFindings();
  const current = useCurrent();
  const offline = useLive((live) => live.state === "offline");
  return offline ? "critical" : worstOf(list, current);
}

/** The tab's title and icon carry the worst state. */
export function useTab(): void {
  const worst = useWorst();
  const page = useView((view) => view.page);
  const name = PAGES.find(({ id }) => id === page)?.name;
  useEffect(() => {
    document.title = `${SIGNS[worst]} ${name} · Watchroom`;
    document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.setAttribute("href", ICONS[worst]);
  }, [worst, name]);
}
