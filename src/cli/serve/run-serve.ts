import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, type ServerOptions } from '../../server/server.ts';
import type { Io } from '../io.ts';
import { runChild } from './child.ts';
import { type Ready, readyLine, readyPage, writeReadyFile } from './ready.ts';

export interface Serving {
  /** Null: in a temporary folder, which goes when the server does. */
  readonly dataDir: string | null;
  readonly options: Omit<ServerOptions, 'dataDir'>;
  readonly readyFile: string | undefined;
  /** What runs beside the server, and ends it; empty: nothing. */
  readonly command: readonly string[];
  readonly io: Io;
  /** Whether a program or a person waits for the ready line. */
  readonly wantsJson: boolean;
  /** Ends the server; while a command runs, signals are the command's. */
  readonly interrupt: AbortSignal;
  readonly cedeInterrupts: () => () => void;
}

/** Serves until it is interrupted or the command beside it has ended; answers its exit code, or 0. */
export async function runServe(serving: Serving): Promise<number> {
  const { dataDir, readyFile, options } = serving;
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'beck-'));
  try {
    const server = await Server.start({ ...options, dataDir: folder });
    try {
      const ready = readyOf(server, folder);
      if (readyFile !== undefined) writeReadyFile(readyFile, ready);
      return await (serving.command.length === 0 ? untilInterrupted(ready, serving) : beside(ready, serving));
    } finally {
      if (readyFile !== undefined) rmSync(readyFile, { force: true });
      await server.stop();
    }
  } finally {
    if (dataDir === null) rmSync(folder, { recursive: true, force: true });
  }
}

function readyOf({ bootstrap, listeners, socketPath: socket }: Server, dataDir: string): Ready {
  return { event: 'ready', bootstrap, listeners, socket, pid: process.pid, dataDir };
}

async function untilInterrupted(ready: Ready, { dataDir, io, wantsJson, interrupt }: Serving): Promise<0> {
  const isRead = io.stdout.isTTY && !wantsJson;
  await io.stdout.write(isRead ? readyPage(ready, dataDir === null, io) : readyLine(ready));
  if (!interrupt.aborted) await new Promise((resolve) => interrupt.addEventListener('abort', resolve, { once: true }));
  return 0;
}

async function beside({ bootstrap, socket }: Ready, { io, command, cedeInterrupts }: Serving): Promise<number> {
  const env = {
    ...io.env,
    ...(bootstrap === null ? {} : { KAFKA_BOOTSTRAP_SERVERS: bootstrap, KAFKA_BROKERS: bootstrap }),
    BECK_BROKER: socket === null ? (bootstrap ?? '') : `unix:${socket}`,
  };
  const takeBack = cedeInterrupts();
  try {
    return await runChild({ words: command, env, cwd: io.cwd }, io.stdin.isTTY);
  } finally {
    takeBack();
  }
}
