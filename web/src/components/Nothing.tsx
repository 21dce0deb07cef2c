import type { ReactNode } from "react";
import { useView, zoomBack } from "@/live/view.ts";

/** What a card says where its window holds nothing, and the way out of a window zoomed into. */
export function Nothing({ chart, children }: { chart?: string; children: ReactNode }) {
  const zoomed = useView((view) => view.span !== null);
  return (
    <div
      className="state middle nothing"
      data-testid={chart && `chart-${chart}`}
      data-points={chart && "0"}
    >
      {children}
      {zoomed && (
        <button type="button" className="action" onClick={zoomBack}>
          Zoom back
        </button>
      )}
    </div>
  );
}
