import type { ApiError } from "@/api/client.ts";

/** What happened, why, what to do, and a way to try again. */
export function Failure({ error, retry }: { error: ApiError; retry: () => void }) {
  return (
    <div className="state" role="alert">
      <strong>{error.message}</strong>
      <span>{error.hint}</span>
      <button type="button" className="action" onClick={retry}>
        Try again
      </button>
    </div>
  );
}
