import type { ReactNode } from "react";
import type { History } from "@/api/types.ts";
import { Sparkline } from "@/charts/Sparkline.tsx";
import { Figure } from "@/components/Figure.tsx";
import { Mark } from "@/components/Mark.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";
import type { Unit } from "@/lib/format.ts";
import { type Limit, levelOf } from "@/lib/limits.ts";

interface Properties {
  id: string;
  name: string;
  value: number | null | undefined;
  unit: Unit;
  under?: ReactNode;
  limit?: Limit;
  history?: History | null;
  small?: boolean;
  loading: boolean;
  /** A slim bar beside the number, 0 to 1. */
  meter?: number | null;
  children?: ReactNode;
}

export function Tile(properties: Properties) {
  const { id, name, value, unit, under, limit, history, small, loading, meter } = properties;
  const broken = limit && levelOf(limit, value);
  return (
    <div
      className={small ? "tile small" : "tile"}
      data-testid={`tile-${id}`}
      data-value={value ?? ""}
    >
      <dt>
        {name}
        {broken && limit && <Mark state={broken} label={`${limit.wrong} its limit`} />}
      </dt>
      <dd className="figure" data-level={broken}>
        {loading ? (
          <Skeleton width={92} height={24} />
        ) : (
          (properties.children ?? <Figure value={value} unit={unit} />)
        )}
      </dd>
      <dd className="under cut">{loading ? <Skeleton width={132} height={12} /> : under}</dd>
      {history !== undefined && (
        <dd className="spark-box">
          <Sparkline history={history} />
        </dd>
      )}
      {meter !== undefined && (
        <dd className="meter" aria-hidden="true">
          <span style={{ transform: `scaleX(${Math.min(1, Math.max(0, meter ?? 0))})` }} />
        </dd>
      )}
    </div>
  );
}
