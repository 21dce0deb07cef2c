import type { MouseEvent, ReactNode } from "react";
import type { View } from "@/lib/view.ts";
import { go, hrefTo } from "@/live/view.ts";

interface Properties {
  to: Partial<View>;
  className?: string;
  current?: boolean;
  title?: string;
  children: ReactNode;
}

/** A link within the pages: a plain click stays here, anything else is the browser's. */
export function PageLink({ to, className, current, title, children }: Properties) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a
      href={hrefTo(to)}
      className={className}
      title={title}
      onClick={follow}
      aria-current={current ? "page" : undefined}
    >
      {children}
    </a>
  );
}
