import { EditorView } from "@codemirror/view";

const list = { fontFamily: "var(--mono)", fontSize: "12px", maxHeight: "260px" };

/** The house's look for the editor; its sheet is adopted by the shadow root, as the policy wants. */
export const theme = EditorView.theme({
  "&": { fontSize: "13px", color: "var(--ink)", background: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px" },
  ".cm-content": { padding: "7px 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 10px" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection": {
    background: "color-mix(in srgb, var(--accent) 26%, transparent)",
  },
  ".cm-placeholder": { color: "var(--ink-3)" },
  "&.cm-focused .cm-matchingBracket": { background: "var(--accent-soft)", outline: "none" },
  "&.cm-focused .cm-nonmatchingBracket": { background: "var(--critical-soft)" },
  ".cm-tooltip": {
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
    background: "var(--raised)",
    color: "var(--ink)",
    boxShadow: "var(--shade)",
    overflow: "hidden",
    zIndex: "20",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    ...list,
    minWidth: "220px",
    maxWidth: "min(560px, 86vw)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 10px", lineHeight: "20px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    background: "var(--accent-soft)",
    color: "var(--ink)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", color: "var(--accent)" },
  ".cm-completionDetail": { color: "var(--ink-3)", fontStyle: "normal", marginLeft: "12px" },
  ".cm-tooltip.cm-completionInfo": {
    padding: "8px 10px",
    maxWidth: "320px",
    fontFamily: "var(--font)",
    fontSize: "12px",
    lineHeight: "18px",
    color: "var(--ink-2)",
  },
  ".cm-diagnostic": {
    padding: "6px 10px",
    fontFamily: "var(--font)",
    fontSize: "12px",
    borderLeft: "3px solid var(--critical-mark)",
  },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--critical-mark)",
    textDecorationSkipInk: "none",
    textUnderlineOffset: "3px",
  },
  ".cm-lintPoint-error::after": { borderBottomColor: "var(--critical-mark)" },
});
