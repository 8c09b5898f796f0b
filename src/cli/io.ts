/**
 * Talking with people. This room knows terminals, pipes, flags, help, formats and sentences; it must not know how anything
 * is stored or read: it hands a command's question to the client (`Cluster`) and prints what comes back.
 *
 * Invariants
 * I1  stdout is data: only `Io.stdout` writes there, and each write is waited for until the kernel has every byte.
 * I2  stderr is talk: what is said for comfort is said on a terminal only; warnings and errors always.
 * I3  A reader that leaves ends a command quietly: no trace, exit 0 (unless the command itself failed).
 * I4  Nothing asks unless stdin, stdout and stderr are all terminals.
 * I5  The first Ctrl-C asks a command to stop and lets it leave consistently; the second ends the process at once.
 * I6  No argument of any command is ever filled from stdin.
 *
 * A command touches the world through `Io` alone, so that a test can be its terminal or its pipe.
 */
import type { Readable } from 'node:stream';

/** Where bytes go. */
export interface Writer {
  readonly isTTY: boolean;
  /** Width of the terminal in columns; undefined when it is none, or does not know. */
  readonly columns: number | undefined;
  /** Its height in lines, likewise. */
  readonly rows: number | undefined;
  /** Aborts when the reader has left. From then on `write` takes everything and does nothing. */
  readonly gone: AbortSignal;
  /**
   * Resolves when the kernel has taken every byte, with their number; whoever writes much must wait for it before the next.
   * Once `until` has aborted, a reader that sleeps is waited for one second more; then the rest is given up (see `gaveUp`).
   * Does not reject when the reader has left (see `gone`; the number is 0 then); rejects with OUTPUT_UNWRITABLE when the bytes
   * are lost otherwise (disk full).
   */
  write(chunk: Uint8Array | string, until?: AbortSignal): Promise<number>;
  /**
   * True when a write did not wait for its reader any longer. From then on `write` takes nothing, the bytes that were given up
   * must stay as they are, and the process must be ended: it would wait for them.
   */
  readonly gaveUp: boolean;
  /**
   * For a command that may wait long without writing: from now on `gone` also aborts when a pipe's readers have left while
   * nothing is written, where the system can tell (Linux). Calling it again does nothing.
   */
  watchReader(): void;
}

/** Where bytes come from. Only `produce` and what imports may read it, and only when asked to. */
export interface Source {
  readonly isTTY: boolean;
  /** The descriptor for those who read by themselves; null when the bytes only exist in `stream()`. */
  readonly fd: number | null;
  stream(): Readable;
  /** What is still to come will not be read; nothing waits for it any more. */
  close(): void;
}

/** Questions to a person. Never called unless `canAsk(io)`. */
export interface Prompter {
  /** A yes or no; Enter alone is no. Rejects with INTERRUPTED on Ctrl-C. */
  confirm(question: string, signal: AbortSignal): Promise<boolean>;
  /** One of `choices`, which is not empty. Rejects with INTERRUPTED on Ctrl-C. */
  choose(question: string, choices: readonly string[], signal: AbortSignal): Promise<string>;
  /** What is typed is not shown. Rejects with INTERRUPTED on Ctrl-C. */
  password(question: string, signal: AbortSignal): Promise<string>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Io {
  readonly stdin: Source;
  readonly stdout: Writer;
  readonly stderr: Writer;
  readonly prompter: Prompter;
  readonly env: Environment;
  readonly cwd: string;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** I4. */
export function canAsk(io: Io): boolean {
  return io.stdin.isTTY && io.stdout.isTTY && io.stderr.isTTY;
}
