import { Icon } from "@/components/Icon.tsx";
import { toggleFilter, useView } from "@/live/view.ts";

/** What the page is narrowed to, each with a way out. */
export function Filters() {
  const where = useView((view) => view.where);
  if (where.length === 0) return null;
  return (
    <div className="chips" data-testid="filters">
      {where.map((filter) => (
        <button
          key={filter}
          type="button"
          className="chip"
          onClick={() => toggleFilter(filter)}
          aria-label={`Remove the filter ${filter}`}
        >
          <code className="cut">{filter.replace("=", " = ")}</code>
          <Icon name="close" />
        </button>
      ))}
    </div>
  );
}
