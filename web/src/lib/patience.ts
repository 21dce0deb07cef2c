/** Trying again what may work later: code that a server away cannot deliver. */

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5000;

export type Wait = (milliseconds: number) => Promise<void>;

const byTimer: Wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Runs a task until it succeeds, with longer and longer pauses, or until trying is `hopeless`. */
export async function patiently<T>(
  task: () => Promise<T>,
  hopeless: (failures: number) => boolean,
  wait: Wait = byTimer,
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await task();
    } catch (error) {
      if (hopeless(failures)) throw error;
    }
    await wait(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1)));
  }
}
