import "./overview.css";
import "@/charts/charts.css";
import { Skeleton } from "@/components/Skeleton.tsx";
import { useLive } from "@/live/store.ts";
import { useCurrent, useServices } from "@/live/useCurrent.ts";
import { Empty } from "./Empty.tsx";
import { ServiceTable } from "./ServiceTable.tsx";
import { SystemTiles, TrafficTiles } from "./Tiles.tsx";
import { Verdict } from "./Verdict.tsx";

export default function OverviewPage() {
  const current = useCurrent();
  const services = useServices();
  const offline = useLive((live) => live.state === "offline");
  const empty = current && current.services.length === 0 && services.length === 0;
  return (
    <div className="page" data-stale={offline}>
      <h1 className="unseen">Overview</h1>
      <Verdict />
      {empty ? (
        <Empty />
      ) : (
        <>
          <TrafficTiles current={current} />
          <SystemTiles current={current} />
          {current ? <ServiceTable current={current} /> : <Skeleton height={120} />}
        </>
      )}
    </div>
  );
}
