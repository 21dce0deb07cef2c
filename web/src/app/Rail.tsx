import { useState } from "react";
import { Icon } from "@/components/Icon.tsx";
import { Mark } from "@/components/Mark.tsx";
import { PageLink } from "@/components/PageLink.tsx";
import { onPage, useView } from "@/live/view.ts";
import { PAGES } from "./pages.ts";
import { useWorst } from "./tab.ts";

const KEY = "watchroom.rail";

export function Rail() {
  const page = useView((view) => view.page);
  const worst = useWorst();
  const [slim, setSlim] = useState(() => localStorage.getItem(KEY) === "slim");
  const fold = () => {
    localStorage.setItem(KEY, slim ? "wide" : "slim");
    setSlim(!slim);
  };
  return (
    <div className="rail" data-slim={slim}>
      <div className="brand">
        <Mark state={worst} />
        <span className="word">Watchroom</span>
      </div>
      <nav aria-label="Pages">
        {PAGES.map(({ id, name, icon }) => (
          <PageLink
            key={id}
            to={onPage(id)}
            className="rail-item"
            current={id === page}
            title={slim ? name : undefined}
          >
            <Icon name={icon} />
            <span className="word">{name}</span>
          </PageLink>
        ))}
      </nav>
      <button
        type="button"
        className="rail-item fold"
        onClick={fold}
        aria-expanded={!slim}
        aria-label="Names in the rail"
      >
        <Icon name="fold" />
        <span className="word">Fold</span>
      </button>
    </div>
  );
}
