import type { Current } from "@/api/types.ts";
import { useHistory } from "@/charts/useHistory.ts";
import { Figure } from "@/components/Figure.tsx";
import { duration, grouped, known, written } from "@/lib/format.ts";
import { LIMITS } from "@/lib/limits.ts";
import { Tile } from "./Tile.tsx";

const POINTS = 60;

function useSpark(metric: string) {
  return useHistory({ metric, points: POINTS, where: [] }).data;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

interface Properties {
  current: Current | undefined;
}

/** Requests: how many, how many fail, how long they take. */
export function TrafficTiles({ current }: Properties) {
  const api = current?.api_metrics;
  const loading = !current;
  return (
    <dl className="tiles">
      <Tile
        id="requests-per-minute"
        name="Requests per minute"
        value={api?.requests_per_minute}
        unit="count"
        loading={loading}
        history={useSpark("requests_per_minute")}
        under={
          <span data-testid="tile-requests-total" data-value={api?.requests_total ?? ""}>
            {known(api?.requests_total) ? `${grouped(api.requests_total)} in all` : " "}
          </span>
        }
      />
      <Tile
        id="error-rate"
        name="Error rate"
        value={api?.error_rate_percent}
        unit="percent"
        limit={LIMITS.errorRate}
        loading={loading}
        history={useSpark("error_rate_percent")}
        under={
          <span data-testid="tile-errors-total" data-value={api?.errors_total ?? ""}>
            {known(api?.errors_total)
              ? `${grouped(api.errors_total)} ${api.errors_total === 1 ? "error" : "errors"} in all`
              : " "}
          </span>
        }
      />
      <Tile
        id="p95"
        name="Response time, p95"
        value={api?.p95_response_time_ms}
        unit="ms"
        limit={LIMITS.p95}
        loading={loading}
        history={useSpark("p95_response_time_ms")}
        under={`p50 ${written(api?.p50_response_time_ms, "ms")} · p99 ${written(api?.p99_response_time_ms, "ms")}`}
      />
      <Tile
        id="predictions"
        name="Predictions per minute"
        value={current?.model_metrics.predictions_per_minute}
        unit="count"
        loading={loading}
        history={useSpark("predictions_per_minute")}
        under={
          <span
            data-testid="tile-predictions-total"
            data-value={current?.model_metrics.predictions_count ?? ""}
          >
            {known(current?.model_metrics.predictions_count)
              ? `${grouped(current.model_metrics.predictions_count)} in all`
              : " "}
          </span>
        }
      />
    </dl>
  );
}

/** What carries them: time up, cache, processor, memory, disk. */
export function SystemTiles({ current }: Properties) {
  const system = current?.system_metrics;
  const cache = current?.cache_metrics;
  const loading = !current;
  const processes = system?.processes.length ?? 0;
  const rate = cache?.hit_rate_percent;
  const small = { small: true, loading };
  return (
    <dl className="tiles five">
      <Tile
        {...small}
        id="uptime"
        name="Uptime"
        value={system?.uptime_seconds}
        unit="plain"
        under={`${counted(processes, "process", "processes")}, ${counted(current?.services.length ?? 0, "service", "services")}`}
      >
        {duration(system?.uptime_seconds)}
      </Tile>
      <Tile
        {...small}
        id="cache"
        name="Cache hits"
        value={rate}
        unit="percent"
        limit={LIMITS.hitRate}
        under={
          known(cache?.total_hits)
            ? `${grouped(cache.total_hits)} hits, ${grouped(cache.total_misses)} misses`
            : "no cache reported"
        }
        meter={known(rate) ? rate / 100 : null}
      />
      <Tile
        {...small}
        id="cpu"
        name="CPU"
        value={system?.cpu_percent}
        unit="percent"
        under="100 % is one core"
        history={useSpark("cpu_percent")}
      />
      <Tile
        {...small}
        id="memory"
        name="Memory"
        value={system?.memory_usage_mb}
        unit="mb"
        under={`${system?.threads ?? "–"} threads`}
        history={useSpark("memory_usage_mb")}
      />
      <Tile
        {...small}
        id="disk"
        name="Disk used"
        value={system?.disk_usage_percent}
        unit="percent"
        limit={LIMITS.disk}
        under="the fullest one"
        meter={known(system?.disk_usage_percent) ? system.disk_usage_percent / 100 : null}
      >
        <Figure value={system?.disk_usage_percent} unit="percent" />
      </Tile>
    </dl>
  );
}
