import { create } from "zustand";

export const THEMES = ["system", "dark", "light"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "watchroom.theme";
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function remembered(): Theme {
  const found = THEMES.find((theme) => theme === localStorage.getItem(KEY));
  return found ?? "system";
}

/** `dark` is what the choice comes to; charts draw again when it changes. */
export const useTheme = create<{ theme: Theme; dark: boolean }>(() => ({
  theme: "system",
  dark: prefersDark.matches,
}));

export function setTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  apply(theme);
}

export function nextTheme(): void {
  const at = THEMES.indexOf(useTheme.getState().theme);
  setTheme(THEMES[(at + 1) % THEMES.length] ?? "system");
}

function apply(theme: Theme): void {
  const dark = theme === "system" ? prefersDark.matches : theme === "dark";
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  useTheme.setState({ theme, dark });
}

export function startTheme(): void {
  apply(remembered());
  prefersDark.addEventListener("change", () => apply(useTheme.getState().theme));
}
