import type { ReactNode } from "react";

interface Properties {
  title: string;
  note?: ReactNode;
  aside?: ReactNode;
  className?: string;
  flush?: boolean;
  children: ReactNode;
}

export function Card({ title, note, aside, className = "", flush, children }: Properties) {
  return (
    <section className={`card ${className}`} aria-label={title}>
      <header className="card-head">
        <h2>{title}</h2>
        {note && <span className="note cut">{note}</span>}
        {aside && <span className="aside">{aside}</span>}
      </header>
      {flush ? children : <div className="card-body">{children}</div>}
    </section>
  );
}
