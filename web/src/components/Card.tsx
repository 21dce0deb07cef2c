import type { ReactNode } from "react";
import { Boundary } from "./Boundary.tsx";

interface Properties {
  title: string;
  note?: ReactNode;
  aside?: ReactNode;
  className?: string;
  flush?: boolean;
  children: ReactNode;
}

export function Card({ title, note, aside, className = "", flush, children }: Properties) {
  const guarded = <Boundary what={title}>{children}</Boundary>;
  return (
    <section className={`card ${className}`} aria-label={title}>
      <header className="card-head">
        <h2>{title}</h2>
        {note && <span className="note cut">{note}</span>}
        {aside && <span className="aside">{aside}</span>}
      </header>
      {flush ? guarded : <div className="card-body">{guarded}</div>}
    </section>
  );
}
