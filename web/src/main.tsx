import "./app/tokens.css";
import "./app/base.css";
import "./app/shell.css";
import "./components/components.css";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { startKeys } from "./app/keys.ts";
import { Boundary } from "./components/Boundary.tsx";
import { fetchAhead } from "./live/chunk.ts";
import { remember } from "./live/memory.ts";
import { follower, useLive } from "./live/store.ts";
import { startTheme } from "./live/theme.ts";
import { startView } from "./live/view.ts";

startTheme();
startView();
startKeys();
follower.start();
addEventListener("pagehide", () => remember(useLive.getState().latest));

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <Boundary what="The page">
      <App />
    </Boundary>,
  );
}
fetchAhead();
