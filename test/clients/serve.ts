/** A real `beck serve` in a process of its own, for clients that other people have written. */
import { expect } from 'vitest';
import type { Beck } from '../support/e2e.ts';
import type { Live } from '../support/run-beck.ts';

export interface Served {
  readonly live: Live;
  /** `HOST:PORT` of each node. */
  readonly brokers: string[];
}

/** Serves until the test ends; what a client makes it complain of fails the test that asks `expectCalm`. */
export async function serve(beck: Beck, ...flags: readonly string[]): Promise<Served> {
  const live = beck.spawn(['serve', '--listen', '127.0.0.1:0', ...flags]);
  const { bootstrap } = JSON.parse(await live.prints(1)) as { bootstrap: string };
  return { live, brokers: bootstrap.split(',') };
}

/** Nobody was cut off, and nothing unexpected has happened. */
export function expectCalm({ live }: Served): void {
  expect(live.stderr).toBe('');
}
