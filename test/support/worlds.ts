/**
 * Where the commands of a test find their data: in the data directory itself, or behind the socket of a server on it. A suite that
 * is imported after `enterSocketWorld` runs behind a socket.
 */
import { join } from 'node:path';
import { it } from 'vitest';
import { answerCalls } from '../../src/client/calls/answer-calls.ts';
import { Server } from '../../src/server/server.ts';
import { temporaryFolder } from './temp-dir.ts';

let isSocket = false;

export function enterSocketWorld(): void {
  isSocket = true;
}

export function isBehindSocket(): boolean {
  return isSocket;
}

/** A test of what only a data directory can show: that nothing is made, a damaged file, another folder. */
export function itOnDataDir(name: string, test: () => Promise<void>): void {
  it.skipIf(isSocket)(name, test);
}

/** Runs a command while a server answers for the data directory. */
export async function throughSocket<T>(dataDir: string, run: (env: { BECK_BROKER: string }) => Promise<T>): Promise<T> {
  const folder = temporaryFolder();
  const said: string[] = [];
  const server = await Server.start({
    dataDir,
    allowUnsafeFs: false,
    env: {},
    listen: [],
    socket: join(folder.path, 's'),
    nodes: 1,
    insecure: false,
    advertise: undefined,
    settings: { autoCreateTopics: true, numPartitions: 1, ephemeral: false },
    log: { warn: (line) => said.push(line), note: () => undefined, isVerbose: false },
    calls: answerCalls,
  });
  let outcome: T;
  try {
    outcome = await run({ BECK_BROKER: `unix:${server.socketPath}` });
  } finally {
    await server.stop();
    folder.remove();
  }
  if (said.length > 0) throw new Error(`the server said:\n${said.join('\n')}`);
  return outcome;
}
