import { expect, it } from 'vitest';
import { TXN_SQL } from '../../src/txn/rows.ts';
import { openTestBroker } from '../support/test-broker.ts';

/** What asks for all transactional ids, or goes through them to find the few that are overdue. */
const OF_ALL_IDS = /^(all|names|watched)$/;
/** One row. */
const SMALL = /^SCAN CONSTANT ROW/;

/** What reads a whole table would cost each producer more with every other one. */
it.each(Object.entries(TXN_SQL).filter(([name]) => !OF_ALL_IDS.test(name)))(
  '%s looks at no more than its own transaction',
  (_, sql) => {
    for (const detail of planOf(sql)) if (!SMALL.test(detail)) expect(detail).not.toMatch(/^SCAN/);
  },
);

it.each(['all', 'names', 'watched'] as const)('%s looks at no more than transactional ids', (name) => {
  for (const detail of planOf(TXN_SQL[name])) expect(detail).not.toMatch(/^SCAN (?!t\b|txn\b)/);
});

function planOf(sql: string): string[] {
  const explain = openTestBroker().store.prepare(`EXPLAIN QUERY PLAN ${sql}`);
  const named = Object.fromEntries([...sql.matchAll(/:(\w+)/g)].map(([, name]) => [name, 0]));
  const given = [...sql.matchAll(/\?/g)].map(() => 0);
  const plan = given.length > 0 ? explain.all(...given) : explain.all(named);
  return (plan as { detail: string }[]).map(({ detail }) => detail);
}
