import { Suspense } from "react";
import { Boundary } from "@/components/Boundary.tsx";
import { chunk } from "@/live/chunk.ts";
import { useFrame } from "@/live/useCurrent.ts";
import { useView } from "@/live/view.ts";
import { useOverlay } from "./actions.ts";
import { Coming } from "./Coming.tsx";
import { PAGES } from "./pages.ts";
import { Rail } from "./Rail.tsx";
import { TopBar } from "./TopBar.tsx";
import { useTab } from "./tab.ts";

const Overlays = chunk(() => import("./Overlays.tsx"));

export function App() {
  useFrame();
  useTab();
  const page = useView((view) => view.page);
  const overlay = useOverlay((state) => state.open !== null);
  const Page = PAGES.find(({ id }) => id === page)?.Page;
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Rail />
      <TopBar />
      <main className="main" id="main" tabIndex={-1}>
        <Boundary key={page} what="This page">
          <Suspense fallback={<Coming />}>{Page && <Page />}</Suspense>
        </Boundary>
      </main>
      {overlay && (
        <Boundary what="This dialog">
          <Suspense>
            <Overlays />
          </Suspense>
        </Boundary>
      )}
    </div>
  );
}
