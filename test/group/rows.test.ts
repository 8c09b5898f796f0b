import { expect, it } from 'vitest';
import { ADMINISTRATION_SQL } from '../../src/group/administration/rows.ts';
import { PENDING_SQL } from '../../src/group/classic/rows.ts';
import { MEMBER_SQL } from '../../src/group/members/rows.ts';
import { OFFSET_SQL } from '../../src/group/offsets/rows.ts';
import { GROUP_SQL } from '../../src/group/rows.ts';
import { SESSION_SQL } from '../../src/group/sessions/rows.ts';
import { openTestBroker } from '../support/test-broker.ts';

/** What asks for all groups, or goes through them to find the few that are old. */
const OF_ALL_GROUPS = /^all|^names$|^inhabited$|^expired|^abandoned$/;
/** One row. */
const SMALL = /^SCAN (catalogue|CONSTANT ROW)/;

/** What reads a whole table would cost each group more with every other one. */
it.each([
  ...[GROUP_SQL, MEMBER_SQL, OFFSET_SQL, PENDING_SQL].flatMap((sql) => Object.entries<string>(sql)),
  ...Object.entries(ADMINISTRATION_SQL).filter(([name]) => !OF_ALL_GROUPS.test(name)),
])('%s looks at no more than its own group', (_, sql) => {
  const { store } = openTestBroker();
  const named = Object.fromEntries([...sql.matchAll(/:(\w+)/g)].map(([, name]) => [name, 0]));
  const given = [...sql.matchAll(/\?/g)].map(() => 0);
  const explain = store.prepare(`EXPLAIN QUERY PLAN ${sql}`);
  const plan = (given.length > 0 ? explain.all(...given) : explain.all(named)) as { detail: string }[];
  for (const { detail } of plan.filter((line) => !SMALL.test(line.detail))) expect(detail).not.toMatch(/^SCAN/);
});

it.each(['expiredEmpty', 'expiredUnread', 'abandoned'] as const)('%s reads offsets group by group', (name) => {
  const { store } = openTestBroker();
  const sql = ADMINISTRATION_SQL[name];
  const explain = store.prepare(`EXPLAIN QUERY PLAN ${sql}`);
  const plan = (sql.includes('?') ? explain.all(0) : explain.all({ until: 0 })) as { detail: string }[];
  for (const { detail } of plan) expect(detail).not.toMatch(/^SCAN (o|a)\b/);
});

it.each(Object.entries(SESSION_SQL))('%s looks at members group by group, or at each once', (_, sql) => {
  const { store } = openTestBroker();
  const plan = store.prepare(`EXPLAIN QUERY PLAN ${sql}`).all({ now: 0 }) as { detail: string }[];
  expect(plan.filter(({ detail }) => /^SCAN/.test(detail)).length).toBeLessThanOrEqual(3);
  expect(plan.some(({ detail }) => /CORRELATED/.test(detail) && /SCAN m\b/.test(detail))).toBe(false);
});
