/**
 * Goes on looking for more in the background, from when it is first waited for until there is some: a wait that is over does not end
 * what the server was asked.
 */
export class Awaited {
  readonly #look: () => Promise<boolean>;
  #looking: Promise<void> | undefined;
  #failure: unknown;
  #isStopped = false;
  readonly #waiting = new Set<() => void>();

  /** `look` waits a while, and answers whether there is more. */
  constructor(look: () => Promise<boolean>) {
    this.#look = look;
  }

  /** Throws what looking threw meanwhile. */
  check(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  /** Resolves when there may be more, when `ms` have passed, or when `signal` aborts. */
  async wait(ms: number | null, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#failure !== undefined) return;
    this.#looking ??= this.#untilMore().finally(() => {
      this.#looking = undefined;
    });
    await this.#first(this.#looking, ms, signal);
  }

  /** Ends the waiting that goes on; looking goes on. */
  wake(): void {
    for (const done of [...this.#waiting]) done();
  }

  stop(): void {
    this.#isStopped = true;
    this.wake();
  }

  async #untilMore(): Promise<void> {
    try {
      while (!this.#isStopped && !(await this.#look()));
    } catch (error) {
      if (!this.#isStopped) this.#failure = error;
    }
  }

  #first(looking: Promise<void>, ms: number | null, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = ms === null ? undefined : setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      this.#waiting.add(done);
      void looking.then(done);
    });
  }
}
