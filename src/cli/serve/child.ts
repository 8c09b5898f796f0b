import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { type CommandLine, cannotRun } from '../command/command-line.ts';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command to its end, with our stdin, stdout and stderr; signals that reach us are passed on. Answers its exit code, or
 * 128 and the signal's number. Ctrl-C on a terminal reaches it by itself, as one of the same group of processes. Throws
 * COMMAND_FAILED where it cannot be run.
 */
export function runChild(line: CommandLine, hasTerminal: boolean): Promise<number> {
  const { words, env, cwd } = line;
  const [program = '', ...args] = words;
  const child = spawn(program, args, { env, cwd, stdio: 'inherit' });
  const stop = forwardSignals(child, hasTerminal);
  return new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => reject(cannotRun(line, cause)));
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
