import { useState } from "react";

interface Properties {
  count: number;
  /** What the rows are: "services". */
  what: string;
  onShow: () => void;
}

/** The way to the rows that a long table leaves out at first. */
function Rest({ count, what, onShow }: Properties) {
  return (
    <button type="button" className="rest" onClick={onShow}>
      Show all {count} {what}
    </button>
  );
}

/** Cuts rows to the first ones; `rest` is the button that brings the others. */
export function useFirst<T>(rows: T[], most: number, what: string) {
  const [all, setAll] = useState(false);
  if (all || rows.length <= most) return { first: rows, rest: null };
  const rest = <Rest count={rows.length} what={what} onShow={() => setAll(true)} />;
  return { first: rows.slice(0, most), rest };
}
