import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
  completionStatus,
  selectedCompletion,
  selectedCompletionIndex,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, insertNewline } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, forEachDiagnostic } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { PromQLExtension } from "@prometheus-io/codemirror-promql/dist/esm/promql";
import { completion } from "./completion.ts";
import { theme } from "./theme.ts";

/** What the editor tells the page. */
export interface Listener {
  change: (text: string) => void;
  run: () => void;
  /** What is wrong with the text, in words; null where nothing is. */
  problem: (message: string | null) => void;
}

const colors = HighlightStyle.define([
  { tag: tags.comment, color: "var(--ink-3)", fontStyle: "italic" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: tags.number, color: "var(--code-number)" },
  { tag: tags.labelName, color: "var(--code-label)" },
  {
    tag: [tags.function(tags.variableName), tags.operatorKeyword, tags.modifier, tags.keyword],
    color: "var(--code-word)",
  },
  { tag: tags.operator, color: "var(--ink-2)" },
]);

/**
 * Types over what is selected. Left to the browser, it would keep the colour of coloured text by a
 * style attribute, which the page's policy refuses.
 */
function typeOver(event: InputEvent, view: EditorView): boolean {
  const { from, to, empty } = view.state.selection.main;
  const text = event.data;
  if (event.inputType !== "insertText" || empty || view.composing || !text) return false;
  const insert = () =>
    view.state.update(view.state.replaceSelection(text), { userEvent: "input.type" });
  const handlers = view.state.facet(EditorView.inputHandler);
  if (!handlers.some((handle) => handle(view, from, to, text, insert))) view.dispatch(insert());
  return true;
}

/** An editor of PromQL that completes names, marks what is wrong, and runs by Enter. */
export function extensions(label: string, listener: () => Listener): Extension[] {
  const run = (view: EditorView) => {
    closeCompletion(view);
    listener().run();
    return true;
  };
  return [
    history(),
    closeBrackets(),
    bracketMatching(),
    // Who presses Tab or Enter at once means the list, not the next field or the query as it is.
    autocompletion({ icons: false, maxRenderedOptions: 50, interactionDelay: 0 }),
    syntaxHighlighting(colors),
    placeholder("PromQL, such as rate(http_requests_total[1m])"),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
    EditorView.domEventHandlers({ beforeinput: typeOver }),
    new PromQLExtension().setComplete({ completeStrategy: completion }).asExtension(),
    keymap.of([
      { key: "Mod-Enter", run },
      { key: "Tab", run: acceptCompletion },
      { key: "Enter", run: (view) => meansToRun(view) && run(view) },
      ...completionKeymap,
      { key: "Shift-Enter", run: insertNewline },
      { key: "Enter", run },
      ...closeBracketsKeymap,
      ...historyKeymap,
      ...defaultKeymap,
    ]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) listener().change(update.state.doc.toString());
      // What is being completed is not wrong yet.
      const typing = completionStatus(update.state) === "active";
      listener().problem(typing ? null : firstProblem(update.view));
    }),
    theme,
  ];
}

/** Enter takes the first of the list only where it goes on with what is typed. */
function meansToRun({ state }: EditorView): boolean {
  if (completionStatus(state) !== "active") return true;
  if (selectedCompletionIndex(state) !== 0) return false;
  const { from, text } = state.doc.lineAt(state.selection.main.head);
  const typed = /[\w:]*$/.exec(text.slice(0, state.selection.main.head - from))?.[0] ?? "";
  const first = selectedCompletion(state)?.label ?? "";
  return first === typed || !first.toLowerCase().startsWith(typed.toLowerCase());
}

function firstProblem(view: EditorView): string | null {
  let first: Diagnostic | null = null;
  forEachDiagnostic(view.state, (each) => {
    first ??= each;
  });
  return (first as Diagnostic | null)?.message ?? null;
}
