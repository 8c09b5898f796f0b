import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { BrokerError } from '../../errors.ts';
import type { Io } from '../io.ts';
import { homely } from '../pages/status.ts';

/** What whoever started a server wants to know once it answers. */
export interface Ready {
  readonly event: 'ready';
  /** `HOST:PORT` of each node, with commas between, of those that speak as the first listener does; null where there is no TCP. */
  readonly bootstrap: string | null;
  /** `PROTOCOL://HOST:PORT` of everywhere that TCP clients may come in. */
  readonly listeners: readonly string[];
  readonly socket: string | null;
  readonly pid: number;
  readonly dataDir: string;
}

/** One line of JSON. */
export function readyLine(ready: Ready): string {
  return `${JSON.stringify(ready)}\n`;
}

/** The same for a person. */
export function readyPage({ bootstrap, listeners, socket, dataDir }: Ready, ephemeral: boolean, io: Io): string {
  const isPlain = listeners.every((listener) => listener.startsWith('PLAINTEXT://'));
  const kafka = isPlain ? [`${bootstrap}   kcat -b ${bootstrap} -L`] : listeners;
  const ways = [
    ...(socket === null ? [] : [`  socket  ${socket}\n`]),
    ...(bootstrap === null ? [] : kafka.map((way) => `  kafka   ${way}\n`)),
  ];
  const end = ephemeral ? 'the data goes with it' : 'the data stays';
  return `beck serves ${homely(dataDir, io)}\n${ways.join('')}Ctrl-C stops it; ${end}.\n`;
}

/** Writes the ready line into a file, so that nobody ever finds half of it there. Throws OUTPUT_UNWRITABLE. */
export function writeReadyFile(path: string, ready: Ready): void {
  const other = `${path}.${ready.pid}`;
  try {
    writeFileSync(other, readyLine(ready));
    renameSync(other, path);
  } catch (cause) {
    rmSync(other, { force: true });
    throw new BrokerError('OUTPUT_UNWRITABLE', { problem: `${path}: ${(cause as Error).message}` }, { cause });
  }
}
