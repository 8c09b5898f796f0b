/**
 * Ctrl-C and its kin (I5). The first signal aborts `signal`: whoever works stops at the next record boundary, commits and
 * closes. A second one, or two seconds without an end, ends the process: by then every acknowledged byte is committed, and
 * what is open is rolled back by SQLite at the next opening.
 */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const EXIT_INTERRUPTED = 130;
const GRACE_MS = 2000;

export interface Interrupts {
  readonly signal: AbortSignal;
  /** From now on signals do nothing here: they are somebody else's, until the answer is called. */
  readonly cede: () => () => void;
  /** Stops listening; a signal then has its usual effect again. The two seconds go on running. */
  dispose(): void;
}

export function listenForInterrupts(exit: (code: number) => void = (code) => process.exit(code)): Interrupts {
  const controller = new AbortController();
  let isCeded = false;
  const onSignal = (): void => {
    if (isCeded) return;
    if (controller.signal.aborted) return exit(EXIT_INTERRUPTED);
    setTimeout(() => exit(EXIT_INTERRUPTED), GRACE_MS).unref();
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    cede() {
      isCeded = true;
      return () => {
        isCeded = false;
      };
    },
    dispose() {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
