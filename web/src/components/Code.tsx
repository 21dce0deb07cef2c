import { useState } from "react";

/** Lines to copy. */
export function Code({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <div className="code">
      <pre>
        <code>{text}</code>
      </pre>
      <button type="button" className="copy" onClick={copy} aria-live="polite">
        {copied ? "Copied" : "Copy"}
      </button>
    </div>
  );
}
