import { setDiagnostics } from "@codemirror/lint";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { Place } from "@/api/prometheus.ts";
import { extensions, type Listener } from "./extensions.ts";

interface Properties {
  label: string;
  value: string;
  listener: Listener;
  /** What the server found wrong, and where. */
  wrong: { message: string; place: Place } | null;
  focus: boolean;
}

/**
 * The editor lives in a shadow root: the page's policy allows no style elements, and a root of its
 * own adopts sheets instead.
 */
export default function Editor({ label, value, listener, wrong, focus }: Properties) {
  const host = useRef<HTMLElement>(null);
  const view = useRef<EditorView>(null);
  const newest = useRef(listener);
  newest.current = listener;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what changes later is told below
  useEffect(() => {
    if (!host.current) return;
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: "open" });
    const made = new EditorView({
      parent: root,
      root,
      doc: value,
      extensions: extensions(label, () => newest.current),
    });
    view.current = made;
    if (focus) made.focus();
    return () => {
      made.destroy();
      view.current = null;
    };
  }, [label]);

  useEffect(() => {
    const doc = view.current?.state.doc;
    if (!doc || doc.toString() === value) return;
    view.current?.dispatch({ changes: { from: 0, to: doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || !wrong || wrong.place.to > editor.state.doc.length) return;
    const { place, message } = wrong;
    editor.dispatch(setDiagnostics(editor.state, [{ ...place, severity: "error", message }]));
  }, [wrong]);

  return <section ref={host} className="editor" data-editor aria-label={label} />;
}
