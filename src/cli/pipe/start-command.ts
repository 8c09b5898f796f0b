import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { type CommandLine, cannotRun } from '../command/command-line.ts';
import type { FifoStock } from './fifo-stock.ts';

/** A command that runs, and what it writes. */
export interface Started {
  readonly child: ChildProcess;
  readonly stdout: Readable;
  readonly stderr: Readable & { unref?(): void };
}

/**
 * Starts a command whose stdin is a descriptor. That there is no such command is said by the child's `error`.
 * @throws BrokerError COMMAND_FAILED when nothing can be started
 */
export async function startCommand(line: CommandLine, stdin: number, fifos: FifoStock): Promise<Started> {
  const hasFifos = await fifos.has(2);
  try {
    return hasFifos ? startWithFifos(line, stdin, fifos) : startWithSockets(line, stdin);
  } catch (error) {
    throw cannotRun(line, error as Error);
  }
}

function startWithFifos(line: CommandLine, stdin: number, fifos: FifoStock): Started {
  const ends = [fifos.take(), fifos.take()] as const;
  const [out, err] = ends;
  try {
    return { child: start(line, [stdin, out.theirs, err.theirs]), stdout: out.ours, stderr: err.ours };
  } catch (error) {
    for (const { ours } of ends) ours.destroy();
    throw error;
  } finally {
    for (const { theirs } of ends) closeSync(theirs);
  }
}

function startWithSockets(line: CommandLine, stdin: number): Started {
  const child = start(line, [stdin, 'pipe', 'pipe']);
  const { stdout, stderr } = child;
  if (stdout && stderr) {
    // Without a reader Node lets them flow away once the command has ended, and a run that was begun ahead is read later than that.
    for (const stream of [stdout, stderr]) stream.on('readable', () => undefined);
    return { child, stdout, stderr };
  }
  child.on('error', () => undefined); // it says by an event as well that there are too many files
  throw new Error('there are no pipes for it');
}

function start({ words: [program = '', ...args], env, cwd }: CommandLine, stdio: StdioOptions): ChildProcess {
  return spawn(program, args, { env, cwd, stdio, windowsHide: true });
}
