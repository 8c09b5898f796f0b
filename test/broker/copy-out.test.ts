import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { salvageSteps, snapshotSteps } from '../../src/broker/copy-out.ts';
import { thisProcess } from '../../src/broker/peers.ts';
import { tempDir } from '../support/temp-dir.ts';
import { append, openTestBroker, TestClock } from '../support/test-broker.ts';
import { give, refOf, sealed, seen } from '../txn/txn-scene.ts';

/** The kinds of copy, and a file system where several processes cannot share a database: NFS. */
const COPIES = { snapshot: snapshotSteps, salvage: salvageSteps };
const KINDS = ['snapshot', 'salvage'] as const;
const probe = () => 0x6969;

/** Two records on such a file system. */
function sourceBroker(): Broker {
  const broker = openTestBroker({ allowUnsafeFs: true });
  broker.createTopics([{ name: 't' }]);
  append(broker, 't', 0, [{ value: 'a' }, { value: 'b' }]);
  return broker;
}

it.each(KINDS)('a %s onto an unsafe file system is refused', (kind) => {
  const broker = openTestBroker();
  expect(() => COPIES[kind](broker, join(tempDir(), 'copy'), { probe }).next()).toThrow(
    expect.objectContaining({ code: 'STORAGE_UNSAFE_FS' }),
  );
});

it.each(KINDS)('is allowed for a %s by --allow-unsafe-fs', (kind) => {
  const broker = sourceBroker();
  const into = join(tempDir(), 'copy');
  const steps = COPIES[kind](broker, into, { allowUnsafeFs: true, probe });
  while (!steps.next().done);
  expect(existsSync(join(into, 'partial'))).toBe(false);
  const copy = openTestBroker({ dir: into, allowUnsafeFs: true });
  const [partition] = copy.topic('t').partitions;
  expect(copy.rows.partition(partition?.id ?? -1)?.nextOffset).toBe(2);
});

it('what is salvaged of a group are its offsets: its members are at work on the damaged file', () => {
  const broker = openTestBroker();
  broker.createTopics([{ name: 't', partitions: 2 }]);
  const member = { group: 'g', memberId: 'm' };
  const who = { ...member, name: 'm', host: 'local', sessionTimeoutMs: 10_000, process: null };
  broker.groups.join({ ...who, subscription: { names: ['t'] } });
  broker.groups.commit('g', member, [{ id: 2, offset: 7 }]);
  const into = join(tempDir(), 'copy');
  const steps = salvageSteps(broker, into);
  while (!steps.next().done);
  const [group] = openTestBroker({ dir: into }).groups.records();
  expect(group).toMatchObject({ name: 'g', state: 'Empty', members: [], assignments: [] });
  expect(group?.offsets).toMatchObject([{ partition: 2, offset: 7 }]);
});

it.each(KINDS)('in a %s nothing is open that a process has open in the original', (kind) => {
  const broker = openTestBroker();
  broker.createTopics([{ name: 't' }]);
  const own = { timeoutMs: null, process: thisProcess() };
  const me = refOf('x', broker.transactions.init({ transactionalId: 'x', ...own }));
  give(broker, sealed(me, ['a']));
  broker.transactions.end(me, true);
  give(broker, sealed(me, ['b'], { sequence: 1 }));
  const into = join(tempDir(), 'copy');
  const steps = COPIES[kind](broker, into);
  while (!steps.next().done);
  const copy = openTestBroker({ dir: into });
  expect(seen(copy)).toEqual(['a']);
  expect(copy.transactions.list()).toEqual([]);
  const next = copy.transactions.init({ transactionalId: 'x', ...own });
  expect(next.producerId).toBeGreaterThan(me.producerId);
  expect(broker.transactions.list()).toMatchObject([{ transactionalId: 'x', state: 'Ongoing' }]);
});

it('in a snapshot a client goes on as in the original, as long as its time is not up', () => {
  const clock = new TestClock();
  const broker = openTestBroker({ clock });
  broker.createTopics([{ name: 't' }]);
  const me = refOf('x', broker.transactions.init({ transactionalId: 'x', timeoutMs: 1000 }));
  give(broker, sealed(me, ['a']));
  const into = join(tempDir(), 'copy');
  const steps = snapshotSteps(broker, into);
  while (!steps.next().done);
  const copy = openTestBroker({ dir: into, clock });
  expect(copy.transactions.list()).toMatchObject([{ transactionalId: 'x', state: 'Ongoing' }]);
  copy.transactions.end(me, true);
  expect(seen(copy)).toEqual(['a']);
});
