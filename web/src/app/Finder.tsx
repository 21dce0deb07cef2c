import { Autocomplete } from "@base-ui/react/autocomplete";
import { useEffect, useRef } from "react";
import type { Action } from "./actions.ts";

interface Properties {
  actions: Action[];
  placeholder: string;
  chosen?: string;
  grouped?: boolean;
  onDone: () => void;
}

/** Lines that are drawn at once: more nobody reads, and thousands would be slow. */
const MOST = 120;

/** A list to type into: arrows move, Enter does. */
export default function Finder({ actions, placeholder, chosen, grouped, onDone }: Properties) {
  const input = useRef<HTMLInputElement>(null);
  // Its code may come after the popup has taken the focus.
  useEffect(() => input.current?.focus(), []);
  const run = (action: Action) => {
    onDone();
    action.run();
  };
  const line = (action: Action) => (
    <Autocomplete.Item
      key={action.id}
      value={action}
      className="option"
      data-chosen={action.id === chosen}
      onClick={() => run(action)}
    >
      <span className="cut">{action.name}</span>
      <span className="aside">
        {action.key ? <kbd>{action.key}</kbd> : grouped && action.group}
      </span>
    </Autocomplete.Item>
  );
  return (
    <Autocomplete.Root
      inline
      open
      items={actions}
      limit={MOST}
      autoHighlight="always"
      keepHighlight
      itemToStringValue={(action: Action) => `${action.name}`}
    >
      <Autocomplete.Input
        ref={input}
        className="search"
        placeholder={placeholder}
        aria-label={placeholder}
      />
      <Autocomplete.Empty>
        <div className="option-group">Nothing has that name.</div>
      </Autocomplete.Empty>
      <Autocomplete.List>{line}</Autocomplete.List>
    </Autocomplete.Root>
  );
}
