import { expect, it } from 'vitest';
import { PRODUCER_SQL } from '../../src/log/producers/rows.ts';
import { LOG_SQL } from '../../src/log/rows.ts';
import { openTestBroker } from '../support/test-broker.ts';

const { expired, ...ofOne } = PRODUCER_SQL;

/** What reads the whole table would cost more with every record that is stored. */
it.each(Object.entries({ ...LOG_SQL, ...ofOne }))('%s looks at no more batches than it is asked for', (_, sql) => {
  const { store } = openTestBroker();
  const parameters = [...sql.matchAll(/\?/g)].map(() => 0);
  const plan = store.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[];
  for (const { detail } of plan) expect(detail).not.toMatch(/^SCAN/);
});

it('who looks for producers that are silent reads what is known of producers, and no more', () => {
  const { store } = openTestBroker();
  const plan = store.prepare(`EXPLAIN QUERY PLAN ${expired}`).all(0) as { detail: string }[];
  for (const { detail } of plan) expect(detail).not.toMatch(/^SCAN (?!s\b)/);
});
