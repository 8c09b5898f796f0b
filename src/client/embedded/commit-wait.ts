import type { Broker } from '../../broker/broker.ts';

/** Waits for the commits of other processes. */
export class CommitWait {
  readonly #broker: Broker;
  /** Whether what is waited for has come; asked inside a read. */
  readonly #isNews: () => boolean;
  /** Called for others' commits while nobody waits. */
  readonly #meanwhile: () => void;
  #seenVersion: number;
  /** Commits up to this version brought nothing that is waited for: heartbeats, committed offsets. */
  #quietVersion: number;
  #resolve: (() => void) | undefined;
  #heeded: AbortSignal | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(broker: Broker, isNews: () => boolean, meanwhile: () => void = () => undefined) {
    this.#broker = broker;
    this.#isNews = isNews;
    this.#meanwhile = meanwhile;
    this.#seenVersion = broker.store.dataVersion();
    this.#quietVersion = this.#seenVersion;
  }

  /** Whether others have committed since it was asked last. */
  catchUp(): boolean {
    const version = this.#broker.store.dataVersion();
    const isBehind = version !== this.#seenVersion;
    this.#seenVersion = version;
    return isBehind;
  }

  /** Resolves after another's commit, when `ms` have passed, when `signal` aborts, or at `wake`. */
  async wait(ms: number | null, signal: AbortSignal): Promise<void> {
    this.watch();
    this.#heed(signal);
    if (signal.aborted || this.#isBehind) return;
    await new Promise<void>((resolve) => {
      this.#resolve = resolve;
      if (ms === null) return;
      const timer = setTimeout(resolve, ms);
      this.#resolve = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#resolve = undefined;
  }

  /** From now on others' commits are noticed, while nobody waits too. */
  watch(): void {
    this.#stopWatching ??= this.#broker.wake.watch((told) => this.#look(told));
  }

  /** Ends the waiting that goes on. */
  wake(): void {
    this.#resolve?.();
  }

  stop(): void {
    this.#stopWatching?.();
  }

  get #isBehind(): boolean {
    return this.#broker.store.dataVersion() !== this.#seenVersion;
  }

  #look(told: boolean): boolean {
    if (!this.#isBehind || (!told && this.#isQuiet())) return false;
    if (this.#resolve === undefined) {
      this.#meanwhile();
      return false;
    }
    this.#resolve();
    return true;
  }

  #isQuiet(): boolean {
    const { store } = this.#broker;
    const version = store.dataVersion();
    if (version === this.#quietVersion) return true;
    if (store.read(this.#isNews)) return false;
    this.#quietVersion = version;
    return true;
  }

  /** One listener for all the waiting under a signal. */
  #heed(signal: AbortSignal): void {
    if (signal === this.#heeded) return;
    this.#heeded = signal;
    signal.addEventListener('abort', () => this.wake(), { once: true });
  }
}
