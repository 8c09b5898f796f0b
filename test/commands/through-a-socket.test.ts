import { describe } from 'vitest';
import { enterSocketWorld } from '../support/worlds.ts';

/** The same suites as on the data directory, once more through the socket of a server. */
const SUITES = [
  'topic',
  'topic-trim',
  'retention-run',
  'group-look',
  'group-set',
  'txn',
  'produce-txn',
  'check',
  'pipe',
];

enterSocketWorld();
for (const suite of SUITES)
  describe(`${suite}, through a socket`, async () => {
    await import(`./${suite}.test.ts`);
  });
