import type { Readable } from 'node:stream';
import { setTimeout as pause, setImmediate } from 'node:timers/promises';
import { BrokerError } from '../../errors.ts';
import { type CommandLine, cannotRun } from '../command/command-line.ts';
import type { FifoStock } from './fifo-stock.ts';
import { type Started, startCommand } from './start-command.ts';

/** Who takes what a run writes; the next piece comes when this has resolved. */
export interface RunSinks {
  /** Of its stdout. What it throws ends the run. */
  out(chunk: Buffer): Promise<void>;
  /** Of its stderr. */
  err(chunk: Buffer): Promise<void>;
}

/** How long (ms) a command that is asked to end has for it: less than Ctrl-C leaves to the whole of beck. */
const GRACE_MS = 1000;

/** How long (ms) the last of stderr is waited for; what a process in the background says later is passed on all the same. */
const LAST_WORDS_MS = 50;

/** How long (ms) beck's own signal is waited for, when the command was ended by one that may have been for both. */
const SAME_SIGNAL_MS = 100;

/** What a terminal, or whoever stops a whole pipeline, sends; and how shells say that it came to what they ran. */
const SENT_TO_ALL: ReadonlySet<number | NodeJS.Signals | null> = new Set([
  'SIGHUP',
  'SIGINT',
  'SIGTERM',
  129,
  130,
  143,
]);

/** A shell, env, nice say by these that they could not run what they were to run; xargs too goes by them. */
const NOT_RUN = new Set([126, 127]);

/** One run of the command. Once `signal` aborts it is ended. */
export class CommandRun {
  readonly #line: CommandLine;
  readonly #started: Started;
  readonly #signal: AbortSignal;
  readonly #exited: Promise<string | undefined>;
  readonly #onAbort = (): void => this.#end();
  #isEnding = false;

  /** With a descriptor as its stdin. Throws COMMAND_FAILED. */
  static async start(
    line: CommandLine,
    stdin: number,
    { fifos, signal }: { readonly fifos: FifoStock; readonly signal: AbortSignal },
  ): Promise<CommandRun> {
    return new CommandRun(line, await startCommand(line, stdin, fifos), signal);
  }

  private constructor(line: CommandLine, started: Started, signal: AbortSignal) {
    this.#line = line;
    this.#started = started;
    this.#signal = signal;
    this.#exited = this.#untilExit();
    this.#exited.catch(() => undefined);
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.#end();
  }

  /**
   * Takes what it writes, and waits for its stdout's end and its exit. Answers why it counts as failed; undefined when it exited
   * with 0, whether or not it read its stdin. Throws COMMAND_FAILED when it was not run at all, and what `sinks` throw; then too
   * it has ended.
   */
  async finish(sinks: RunSinks): Promise<string | undefined> {
    const { stdout, stderr } = this.#started;
    const said = this.#readAll(stderr, (chunk) => sinks.err(chunk)).catch(() => undefined);
    try {
      await Promise.all([this.#readAll(stdout, (chunk) => sinks.out(chunk)), this.#exited]);
      await within(LAST_WORDS_MS, said);
      return await this.#verdict();
    } catch (error) {
      this.#end();
      await this.#exited.catch(() => undefined);
      await within(LAST_WORDS_MS, said);
      throw error;
    } finally {
      this.#signal.removeEventListener('abort', this.#onAbort);
      stderr.unref?.();
    }
  }

  /** It is of no use. Resolves when it has ended. */
  async discard(): Promise<void> {
    this.#end();
    await this.#exited.catch(() => undefined);
    this.#started.stderr.destroy();
    this.#signal.removeEventListener('abort', this.#onAbort);
  }

  /** To the end, which alone says that it was all; one that is being ended is let go. */
  async #readAll(stream: Readable, take: (chunk: Buffer) => Promise<void>): Promise<void> {
    try {
      for await (const chunk of stream) await take(chunk as Buffer);
    } catch (error) {
      if (!this.#isEnding) throw error;
    }
  }

  /**
   * Ctrl-C is for all in the foreground. The command may have ended for it before beck hears of it, and then it is no fault of the
   * batch: who asks looks at `signal` after this.
   */
  async #verdict(): Promise<string | undefined> {
    const failure = await this.#exited;
    if (failure === undefined || this.#signal.aborted) return failure;
    const { exitCode, signalCode } = this.#started.child;
    for (let turn = 0; turn < 2; turn++) await setImmediate();
    if (SENT_TO_ALL.has(signalCode ?? exitCode))
      await pause(SAME_SIGNAL_MS, undefined, { signal: this.#signal }).catch(() => undefined);
    return failure;
  }

  /** Rejects where the command was not run. */
  #untilExit(): Promise<string | undefined> {
    const { child } = this.#started;
    return new Promise<string | undefined>((resolve, reject) => {
      child.once('error', (error) => reject(cannotRun(this.#line, error)));
      child.once('exit', (code, by) => {
        if (code !== null && NOT_RUN.has(code)) reject(notRun(this.#line, code));
        else resolve(code === 0 ? undefined : howItEnded(this.#line, code, by));
      });
    });
  }

  /** Asks it to end, and after a while makes it; what it has started may hold its stdout, and is not waited for. */
  #end(): void {
    this.#isEnding = true;
    const { child, stdout } = this.#started;
    const close = (): void => void stdout.destroy();
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return close();
    const kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    child.once('exit', () => {
      clearTimeout(kill);
      close();
    });
    child.kill('SIGTERM');
  }
}

/** A process that was kept busy looks once more before it gives up: what there is comes after the timer. */
async function within(ms: number, done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => void setImmediate().then(resolve), ms);
  });
  await Promise.race([done, late]);
  clearTimeout(timer);
}

function howItEnded({ words: [program] }: CommandLine, code: number | null, signal: NodeJS.Signals | null): string {
  return code === null ? `${program} was ended by ${signal}` : `${program} exited with ${code}`;
}

function notRun({ words: [program] }: CommandLine, code: number): BrokerError {
  const problem = `${program} exited with ${code}, which says that what it was to run can't be run`;
  return new BrokerError('COMMAND_FAILED', { problem });
}
