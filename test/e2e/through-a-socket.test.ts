import { describe } from 'vitest';
// Its household is that of all the suites, and goes after the last of them.
import '../support/e2e.ts';
import { enterSocketWorld } from '../support/worlds.ts';

/** The same suites as on the data directory, once more through the socket of a `beck serve`. */
const SUITES = [
  'round-trip',
  'consume',
  'follow',
  'groups',
  'group-commands',
  'transactions',
  'pipe',
  'storing',
  'pipes',
  'exit-codes',
  'pipe-failures',
];

enterSocketWorld();
for (const suite of SUITES)
  describe(`${suite}, through a socket`, async () => {
    await import(`./${suite}.test.ts`);
  });
