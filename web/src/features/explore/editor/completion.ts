import type { CompletionContext } from "@codemirror/autocomplete";
import {
  CachedPrometheusClient,
  HTTPPrometheusClient,
} from "@prometheus-io/codemirror-promql/dist/esm/client/prometheus";
import {
  type CompleteStrategy,
  newCompleteStrategy,
} from "@prometheus-io/codemirror-promql/dist/esm/complete";

/** All editors of the page complete from one memory of names. */
const client = new CachedPrometheusClient(
  new HTTPPrometheusClient({
    url: "",
    httpMethod: "GET",
    // Completion is a help: without the server there is none, and the query's own answer says why.
    httpErrorHandler: () => undefined,
  }),
);

const whole = newCompleteStrategy({ remote: client });

/** What ends a whole expression: only operators could follow, and Enter means to run it. */
export const ENDED = /[)\]}]\s*$|[\w"']\s+$/;

/** Completes as one types, but at the end of a whole expression only when asked to. */
export const completion: CompleteStrategy = {
  promQL: (context: CompletionContext) =>
    !context.explicit && context.matchBefore(ENDED) ? null : whole.promQL(context),
  destroy: () => whole.destroy?.(),
};
