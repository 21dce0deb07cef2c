import { Icon } from "@/components/Icon.tsx";
import { nextTheme, useTheme } from "@/live/theme.ts";
import { togglePause, useView } from "@/live/view.ts";
import { openOverlay } from "./actions.ts";
import { Connection } from "./Connection.tsx";
import { RangePicker } from "./RangePicker.tsx";
import { ServicePicker } from "./ServicePicker.tsx";

const THEME_ICONS = { system: "system", dark: "moon", light: "sun" } as const;

function LiveToggle() {
  const paused = useView((view) => view.span !== null);
  return (
    <button
      type="button"
      className="control"
      data-testid="live-toggle"
      data-state={paused ? "paused" : "live"}
      title={paused ? "Go live  ( . )" : "Pause  ( . )"}
      onClick={togglePause}
    >
      <Icon name={paused ? "play" : "pause"} />
      {paused ? "Go live" : "Pause"}
    </button>
  );
}

export function TopBar() {
  const theme = useTheme((state) => state.theme);
  return (
    <header className="bar">
      <ServicePicker />
      <span className="space" />
      <Connection />
      <RangePicker />
      <LiveToggle />
      <button type="button" className="control wide" onClick={() => openOverlay("palette")}>
        <Icon name="search" />
        Find <kbd>Ctrl K</kbd>
      </button>
      <button
        type="button"
        className="control bare wide"
        data-testid="theme"
        data-value={theme}
        aria-label={`Theme: ${theme}`}
        title={`Theme: ${theme}`}
        onClick={nextTheme}
      >
        <Icon name={THEME_ICONS[theme]} />
      </button>
      <button
        type="button"
        className="control bare wide"
        aria-label="Keys"
        title="Keys  ( ? )"
        onClick={() => openOverlay("keys")}
      >
        <Icon name="keys" />
      </button>
    </header>
  );
}
