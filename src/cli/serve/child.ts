import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { BrokerError } from '../../errors.ts';
import type { Environment } from '../io.ts';

/** A command that runs beside the server. */
export interface ChildLine {
  /** The program and its arguments, as they were given: no shell looks at them. */
  readonly words: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
  /** Ctrl-C on a terminal reaches the command by itself, as one of the same group of processes. */
  readonly hasTerminal: boolean;
}

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command to its end, with our stdin, stdout and stderr; signals that reach us are passed on. Answers its exit code, or
 * 128 and the signal's number. Throws COMMAND_FAILED where it cannot be run.
 */
export function runChild({ words, env, cwd, hasTerminal }: ChildLine): Promise<number> {
  const [program = '', ...args] = words;
  const child = spawn(program, args, { env, cwd, stdio: 'inherit' });
  const stop = forwardSignals(child, hasTerminal);
  return new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => reject(cannotRun(program, cause)));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  }).finally(stop);
}

function forwardSignals(child: ChildProcess, hasTerminal: boolean): () => void {
  const forward = (signal: NodeJS.Signals): void => {
    if (signal !== 'SIGINT' || !hasTerminal) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  return () => {
    for (const signal of FORWARDED) process.off(signal, forward);
  };
}

function cannotRun(program: string, cause: Error): BrokerError {
  const problem =
    (cause as NodeJS.ErrnoException).code === 'ENOENT'
      ? `there is no command '${program}'`
      : `${program} cannot be run: ${cause.message}`;
  const hint = `what stands behind -- is run as it is, without a shell; sh -c '…' is one`;
  return new BrokerError('COMMAND_FAILED', { problem, hint }, { cause });
}
