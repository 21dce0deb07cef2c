import type { ReactNode } from "react";
import type { Current } from "@/api/types.ts";
import { Mark } from "@/components/Mark.tsx";
import { PageLink } from "@/components/PageLink.tsx";
import { Skeleton } from "@/components/Skeleton.tsx";
import { duration, moment, timeOfDay } from "@/lib/format.ts";
import { condensed, evidenceOf, type Finding, wellSentence, worstOf } from "@/lib/verdict.ts";
import { lengthOf } from "@/lib/view.ts";
import { useBeginning } from "@/live/known.ts";
import { useLive } from "@/live/store.ts";
import { useCurrent } from "@/live/useCurrent.ts";
import { sinceOf, useFindings } from "@/live/useFindings.ts";
import { serverNow, useView } from "@/live/view.ts";

const SHOWN = 3;
const WORDS = { well: "All well", warning: "Needs a look", critical: "Not well", quiet: "Quiet" };

interface FindingsProperties {
  list: Finding[];
  now: number;
  since: Map<string, number | null>;
  lead?: string;
}

function Findings({ list, now, since, lead }: FindingsProperties) {
  const told = condensed(list);
  const more = told.length - SHOWN;
  return (
    <p>
      {lead}
      {told.slice(0, SHOWN).map((finding, index) => {
        const { id, subject, says } = finding;
        const start = since.get(id);
        const long = start && now - start >= 10 ? ` for ${duration(now - start)}` : "";
        return (
          <span key={id}>
            {index > 0 && "; "}
            <PageLink to={evidenceOf(finding)} className="subject">
              {subject}
            </PageLink>
            : {says}
            {long}
          </span>
        );
      })}
      {more > 0 && `; and ${more} more`}.
    </p>
  );
}

function Unreachable() {
  const heard = useLive((live) => live.heard);
  return (
    <p>
      <b>The server does not answer</b>
      {heard ? `; what follows is from ${timeOfDay(heard)}` : ""}.{" "}
      <span className="calm">
        Start it with <code>watchroom up</code>; this page connects by itself.
      </span>
    </p>
  );
}

/** Why the charts cover less than the chosen range. */
function Since() {
  const view = useView();
  const since = useBeginning();
  const whole = serverNow() - lengthOf(view);
  if (view.span || since === null || since <= whole + 1) return null;
  return <> · first data {timeOfDay(since)}</>;
}

interface CalmProperties {
  current: Current;
  quiet: boolean;
  says: (current: Current) => string;
  /** What is not well, on other pages. */
  elsewhere: ReactNode;
}

function Calm({ current, quiet, says, elsewhere }: CalmProperties) {
  const { services } = current;
  const who = services.length === 1 ? services[0] : `${services.length} services`;
  return quiet ? (
    <p>
      <b>No service reports now.</b> <span className="calm">The server listens.</span>
    </p>
  ) : (
    <div>
      <p>
        <b>{elsewhere ? "Well here" : "All well"}</b>
        <span className="calm">{`: ${who}, ${says(current)}.`}</span>
      </p>
      {elsewhere}
    </div>
  );
}

interface Properties {
  /** The kinds of findings that belong to the page; all where not given. */
  about?: string[];
  /** What to say of the well, where it is not the requests. */
  calm?: (current: Current) => string;
}

/** The answer before the charts: whether things are well, and what is not. */
export function Verdict({ about, calm = wellSentence }: Properties) {
  const current = useCurrent();
  const all = useFindings();
  const own = ({ id }: Finding) => !about || about.some((kind) => id.startsWith(`${kind}/`));
  const list = all.filter(own);
  const offline = useLive((live) => live.state === "offline");
  const paused = useLive((live) => live.paused);
  const fresh = useLive((live) => live.heard !== null);
  const worst = offline ? "critical" : fresh ? worstOf(list, current) : "quiet";
  const said = (some: Finding[], lead?: string) => {
    const now = current?.time ?? 0;
    return <Findings list={some} now={now} since={sinceOf(all, now)} lead={lead} />;
  };
  const age = current ? Date.now() / 1000 - current.time : 0;
  return (
    <section className="verdict" data-testid="verdict" data-state={worst} aria-label="Verdict">
      <Mark state={worst} label={WORDS[worst]} />
      {offline ? (
        <Unreachable />
      ) : !current || !fresh ? (
        <Skeleton width={420} height={22} />
      ) : list.length > 0 ? (
        said(list)
      ) : (
        <Calm
          current={current}
          quiet={worst === "quiet"}
          says={calm}
          elsewhere={all.length > 0 && said(all, "Elsewhere: ")}
        />
      )}
      {current && (
        <span className="when">
          {paused ? "paused at" : "as of"} {moment(current.time, age)}
          <Since />
        </span>
      )}
    </section>
  );
}
