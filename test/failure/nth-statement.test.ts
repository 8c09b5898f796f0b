/**
 * Every write path, with its n-th statement failing, for every n: the error is the right one, nothing is half there, no
 * invariant is broken, and the same done again succeeds as if nothing had been (S1, B1, L1–L7).
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { salvageSteps, snapshotSteps } from '../../src/broker/copy-out.ts';
import { giveBackSteps } from '../../src/broker/give-back.ts';
import { Housekeeping } from '../../src/broker/housekeeping.ts';
import { thisProcess } from '../../src/broker/peers.ts';
import { retentionSteps, trimTopicSteps } from '../../src/broker/retention-run.ts';
import type { JoinRequest } from '../../src/broker/socket-groups.ts';
import type { TransactionRef } from '../../src/broker/transaction-coordinator.ts';
import { BrokerError } from '../../src/errors.ts';
import type { Joining } from '../../src/group/groups.ts';
import { Compaction } from '../../src/log/compaction/compaction.ts';
import { salvageLog } from '../../src/log/salvage/salvage.ts';
import { Trim } from '../../src/log/trim.ts';
import { NO_PATIENCE, Store } from '../../src/store/store.ts';
import type { ProcessId } from '../../src/types.ts';
import { gives, wishes } from '../group/socket-scene.ts';
import { tempDir } from '../support/temp-dir.ts';
import { append, batchOf, check, TestClock } from '../support/test-broker.ts';
import { sealed } from '../txn/txn-scene.ts';
import { FAULTS, type Fault, FaultyDatabases } from './faulty-database.ts';

const DAY = 86_400_000;

/** Thousands of small databases: in memory where there is a folder in memory. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : undefined;

interface Setting {
  readonly broker: Broker;
  readonly clock: TestClock;
  /** A folder beside the data, for copies. */
  readonly aside: string;
  readonly faulty: FaultyDatabases;
}

interface WritePath {
  /** Done again after it failed, and then it must succeed. */
  readonly act: (setting: Setting) => unknown;
  /** What has to be so that it is done again. */
  readonly again?: (setting: Setting) => unknown;
  /** One transaction: after a failure everything is as it was. Otherwise it may have come a part of the way. */
  readonly whole: boolean;
  /** Which failures stay its own: housekeeping is asked for by nobody, a salvage goes round what cannot be read. */
  readonly excuses?: readonly Fault[];
  /** What it does again by itself, with the ballast thrown off. */
  readonly retries?: Fault;
}

const PATHS: Readonly<Record<string, WritePath>> = {
  'create topics': {
    whole: true,
    act: ({ broker }) =>
      broker.createTopics([
        { name: 'new', partitions: 3, configs: { 'retention.ms': '5000', 'cleanup.policy': 'compact' } },
        { name: 'newer', partitions: 1, configs: {} },
      ]),
  },
  'alter a topic': {
    whole: true,
    act: ({ broker }) =>
      broker.alterTopic('t', { partitions: 4, set: { 'max.message.bytes': '2000000' }, unset: ['retention.ms'] }),
  },
  'delete a topic': {
    whole: true,
    retries: 'SQLITE_FULL',
    act: ({ broker }) => broker.deleteTopics({ names: ['t', 'compacted'] }),
  },
  'append to several partitions': {
    whole: true,
    act: ({ broker }) =>
      broker.append('t', [blob(0, 'a'), blob(1, 'b'), blob(0, 'c'), blob(1, 'd')], 'producer', 'full'),
  },
  'append without a sync': {
    whole: true,
    act: ({ broker }) => broker.append('t', [blob(1, 'a')], 'producer', 'normal'),
  },
  'append what an idempotent producer sends, a copy among it': {
    whole: true,
    act: ({ broker }) => {
      const batches = [numbered(0, 3, 0), numbered(0, 3, 0), numbered(0, 3, 1), numbered(1, 3, 0)];
      broker.append('t', batches, 'client', 'full');
    },
  },
  'begin a transaction by appending to partitions': {
    whole: true,
    act: ({ broker }) => {
      const me = idOf(broker, 'idle');
      broker.append('t', [transactional(0, me), transactional(1, me)], 'producer', 'full');
    },
  },
  'come as who has a transaction open': {
    whole: true,
    act: ({ broker }) => broker.transactions.init({ transactionalId: 'open', timeoutMs: 5000, member: ref('a') }),
  },
  'come for the first time': {
    whole: true,
    act: ({ broker }) => broker.transactions.init({ transactionalId: 'new', timeoutMs: 5000 }),
  },
  'add partitions to a transaction': {
    whole: true,
    act: ({ broker }) => broker.transactions.addPartitions(idOf(broker, 'idle'), [1, 2, 3]),
  },
  'send offsets with a transaction': {
    whole: true,
    act: ({ broker }) =>
      broker.transactions.commitOffsets(idOf(broker, 'open'), 'g', ref('a'), [
        { id: 1, offset: 9 },
        { id: 2, offset: 4 },
      ]),
  },
  'commit a transaction': {
    whole: true,
    act: ({ broker }) => broker.transactions.end(idOf(broker, 'open'), true),
  },
  'abort a transaction': {
    whole: true,
    act: ({ broker }) => broker.transactions.end(idOf(broker, 'open'), false),
  },
  'commit a transaction with offsets': {
    whole: true,
    act: ({ broker }) => {
      const sent = { group: 'g', member: ref('a'), offsets: [{ id: 1, offset: 9 }] };
      broker.transactions.commitWith(idOf(broker, 'open'), sent);
    },
  },
  "abort somebody's transaction": {
    whole: true,
    act: ({ broker }) => broker.transactions.abort('open'),
    again: ({ broker }) => expect(broker.transactions.describe(['open'])).toMatchObject([{ state: 'Ongoing' }]),
  },
  'forget a transactional id': {
    whole: true,
    act: ({ broker }) => broker.transactions.forget(idOf(broker, 'open')),
    again: ({ broker }) => expect(broker.transactions.describe(['open'])).toMatchObject([{ state: 'Ongoing' }]),
  },
  'end what was abandoned': {
    whole: false,
    excuses: ['SQLITE_FULL', 'SQLITE_IOERR'],
    act: ({ broker, clock }) => {
      clock.time += 60_000;
      broker.transactions.sweep();
      clock.time = new TestClock().time;
    },
    again: ({ clock }) => {
      clock.time = new TestClock().time;
    },
  },
  'forget silent producers': {
    whole: true,
    act: ({ broker, clock }) => {
      clock.time = new TestClock().time + 2 * DAY;
      broker.transactions.expireProducers();
    },
  },
  'join a group': {
    whole: true,
    act: ({ broker }) => broker.groups.join(joining('c')),
  },
  'join a group whose members are silent': {
    whole: true,
    act: ({ broker, clock }) => {
      clock.time += DAY;
      broker.groups.join(joining('c'));
      clock.time -= DAY;
    },
    again: ({ clock }) => {
      clock.time = new TestClock().time;
    },
  },
  'commit, give up partitions': {
    whole: true,
    act: ({ broker }) =>
      broker.groups.commitAndRelease(
        ref('a'),
        [
          { id: 1, offset: 9 },
          { id: 2, offset: 4 },
        ],
        [2],
      ),
  },
  'commit, leave': {
    whole: true,
    act: ({ broker }) => broker.groups.commitAndLeave(ref('a'), [{ id: 1, offset: 9 }]),
    again: ({ broker }) => expect(broker.groups.membership(ref('a'))).not.toBeNull(),
  },
  'a heartbeat that takes others out': {
    whole: true,
    act: ({ broker, clock }) => {
      clock.time = new TestClock().time + 15_000;
      broker.groups.heartbeat(ref('b'));
    },
  },
  'join a classic group': {
    whole: true,
    act: ({ broker }) => broker.socketGroups.join(client('classic', 'b')),
  },
  'assign what a classic group has': {
    whole: true,
    act: ({ broker }) =>
      broker.socketGroups.sync({
        ...{ group: 'classic', memberId: 'a', instanceId: null, generation: 1, protocolType: null, protocol: null },
        assignments: new Map([['a', gives([{ topic: 't', partition: 0 }])]]),
      }),
  },
  'leave a classic group': {
    whole: true,
    act: ({ broker }) => broker.socketGroups.leave('classic', [{ memberId: 'a', instanceId: null }]),
  },
  'join a classic group as one of one’s own': {
    whole: true,
    act: ({ broker }) => broker.groups.join({ ...joining('e'), group: 'classic' }),
  },
  'come by KIP-848’s heartbeat': {
    whole: true,
    act: ({ broker }) =>
      broker.socketGroups.consumerHeartbeat({
        ...{ group: 'classic', memberId: 'k', memberEpoch: 0, instanceId: null, clientId: 'client', host: 'local' },
        ...{ rebalanceTimeoutMs: 1000, names: ['t'], pattern: null, assignor: null, owned: [], sessionTimeoutMs: 1000 },
      }),
  },
  'leave a group to clients of the classic protocol': {
    whole: true,
    act: ({ broker }) => broker.groups.commitAndLeave({ group: 'mixed', memberId: 'e' }, []),
    again: ({ broker }) => expect(broker.groups.membership({ group: 'mixed', memberId: 'e' })).not.toBeNull(),
  },
  'reset a group': {
    whole: true,
    act: ({ broker }) =>
      broker.groups.setOffsets('idle', [
        { id: 1, offset: 1 },
        { id: 3, offset: 2 },
      ]),
  },
  'delete a group': {
    whole: true,
    act: ({ broker }) => broker.groups.deleteGroups(['idle', 'old']),
    again: ({ broker }) => expect(broker.groups.names()).toEqual(['classic', 'g', 'idle', 'mixed', 'old']),
  },
  'trim, in slices': {
    whole: false,
    act: ({ broker: { store, rows } }) => {
      const trim = new Trim(rows, 1, 17, { batches: 2, bytes: 1 << 20 });
      while (store.write(() => trim.step()));
    },
  },
  'trim a topic': {
    whole: false,
    act: ({ broker }) => {
      const topic = broker.topic('t');
      const before = { at: 'offset', offset: 11 } as const;
      drain(trimTopicSteps(broker, topic, { before, partitions: topic.partitions, dryRun: false }));
    },
  },
  'retention by time and size, compaction': {
    whole: false,
    act: ({ broker, clock }) => {
      const topics = broker.store.read(() => broker.catalogue.select());
      const slice = { batches: 2, bytes: 1 << 20 };
      drain(retentionSteps(broker, { topics, now: clock.time + 5 * DAY, dryRun: false, onlyDue: false, slice }));
    },
  },
  'compaction, in slices': {
    whole: false,
    act: ({ broker, clock }) => {
      const { store, rows } = broker;
      const topic = broker.topic('compacted');
      const id = topic.partitions[0]?.id ?? 0;
      const options = { sliceBytes: 150, maxKeys: 3 };
      const compaction = new Compaction(rows, id, topic.config, clock.time + DAY, options);
      while (compaction.next !== 'done') {
        if (compaction.next === 'read') store.read(() => compaction.step());
        else store.write(() => compaction.step());
      }
    },
  },
  'a round of housekeeping': {
    whole: false,
    excuses: ['SQLITE_FULL', 'SQLITE_IOERR'],
    act: ({ broker }) => new Housekeeping(broker).runBriefly(Number.POSITIVE_INFINITY),
    again: ({ broker }) => broker.store.prepare('UPDATE housekeeping SET next = 0').run(),
  },
  'giving space back': {
    whole: false,
    retries: 'SQLITE_FULL',
    act: async ({ broker }) => {
      await broker.deleteTopics({ names: ['compacted'] }).catch((error) => {
        if ((error as BrokerError).code !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
      });
      drain(giveBackSteps(broker));
      broker.store.checkpoint('truncate');
    },
  },
  snapshot: { whole: true, act: ({ broker, aside }) => drain(snapshotSteps(broker, join(aside, 'snapshot'))) },
  'salvage, reading': {
    whole: true,
    excuses: ['SQLITE_IOERR'],
    act: ({ broker, aside }) => {
      rmSync(join(aside, 'salvage'), { recursive: true, force: true });
      drain(salvageSteps(broker, join(aside, 'salvage')));
    },
  },
  'salvage, writing': {
    whole: true,
    excuses: ['SQLITE_IOERR'],
    act: ({ broker, aside, faulty }) => {
      const folder = join(aside, 'salvage');
      rmSync(folder, { recursive: true, force: true });
      const target = Store.create(folder, { patience: NO_PATIENCE, open: faulty.open });
      try {
        drain(salvageLog(broker.store, target));
      } finally {
        faulty.disarm();
        target.close();
      }
    },
  },
};

describe.each(Object.keys(FAULTS) as Fault[])('%s at the n-th statement', (fault) => {
  it.each(Object.entries(PATHS))('%s', async (_, path) => {
    const home = tempDir(MEMORY);
    const template = join(home, 'template');
    fill(template);
    const wanted = await expected(template, join(home, 'wanted'), path);
    let n = 1;
    while (await failsAt(n, fault, path, { template, dir: join(home, `${n}`), wanted })) n++;
    expect(n).toBeGreaterThan(2);
  });

  it('making a data directory', () => {
    const home = tempDir(MEMORY);
    let n = 1;
    for (; ; n++) {
      const faulty = new FaultyDatabases();
      const dir = join(home, `${n}`);
      faulty.arm(n, fault);
      const failure = caught(() => Broker.open(dir, 'create', { open: faulty.open }).close());
      if (faulty.failed === undefined) break;
      expectRow(failure, fault);
      const broker = Broker.open(dir, 'create');
      broker.createTopics([{ name: 't', partitions: 1, configs: {} }]);
      expect(check(broker)).toEqual([]);
      broker.close();
    }
    expect(n).toBeGreaterThan(8);
  });
});

/** What one undisturbed run makes of it. */
async function expected(template: string, dir: string, path: WritePath): Promise<string> {
  const setting = opened(template, dir);
  await path.act(setting);
  const tables = contents(setting.broker);
  setting.broker.close();
  return tables;
}

/** False when there is no n-th statement any more. */
async function failsAt(
  n: number,
  fault: Fault,
  path: WritePath,
  { template, dir, wanted }: { template: string; dir: string; wanted: string },
): Promise<boolean> {
  const setting = opened(template, dir);
  const { broker, faulty, aside } = setting;
  const before = contents(broker);
  faulty.arm(n, fault);
  const failure = await caughtLater(() => path.act(setting));
  faulty.disarm();
  if (faulty.failed === undefined) expect(failure).toBeUndefined();
  else {
    const what = `statement ${n}, ${faulty.failed}`;
    expect(check(broker), what).toEqual([]);
    if (failure !== undefined || path.retries !== fault) {
      if (failure !== undefined || path.excuses?.includes(fault) !== true) expectRow(failure, fault, what);
      if (path.whole) expect(contents(broker), what).toBe(before);
      path.again?.(setting);
      await path.act(setting);
    }
    expect(contents(broker), what).toBe(wanted);
    expect(check(broker), what).toEqual([]);
  }
  broker.close();
  for (const copy of readdirSync(aside)) expectSound(join(aside, copy));
  rmSync(dir, { recursive: true });
  return faulty.failed !== undefined;
}

function opened(template: string, dir: string): Setting {
  cpSync(template, dir, { recursive: true });
  const [clock, faulty, aside] = [new TestClock(), new FaultyDatabases(), join(dir, 'aside')];
  mkdirSync(aside);
  return {
    broker: Broker.open(dir, 'existing', { clock, open: faulty.open, patience: NO_PATIENCE }),
    clock,
    aside,
    faulty,
  };
}

/** A little of everything: batches, keys and tombstones, transactions that ended and that did not. */
function fill(dir: string): void {
  const clock = new TestClock();
  const { time } = clock;
  const broker = Broker.open(dir, 'create', { clock });
  broker.createTopics([
    { name: 't', partitions: 2, configs: { 'retention.ms': `${4 * DAY}`, 'retention.bytes': '900' } },
    { name: 'compacted', partitions: 1, configs: { 'cleanup.policy': 'compact', 'delete.retention.ms': '1000' } },
  ]);
  for (let i = 0; i < 8; i++) {
    const timestamp = time + (i % 3) * DAY;
    for (const partition of [0, 1])
      append(
        broker,
        't',
        partition,
        [0, 1, 2].map((part) => ({ value: `${i} ${part} ${'.'.repeat(50)}`, timestamp })),
      );
    const values = [
      { key: `${i % 4}`, value: i % 3 === 0 ? null : `${i}` },
      { key: 'same', value: `${i}` },
    ];
    append(broker, 'compacted', 0, values);
  }
  append(broker, 'compacted', 0, [{ key: 'last', value: 'x'.repeat(40_000) }]);
  fillGroups(broker, clock);
  fillClassicGroups(broker);
  fillTransactions(broker);
  broker.close();
  rmSync(join(dir, 'ballast'));
}

/** One that has long been forgotten, one without members, one in which a partition is about to change hands. */
function fillGroups({ groups }: Broker, clock: TestClock): void {
  const { time } = clock;
  clock.time = time - 30 * DAY;
  groups.setOffsets('old', [{ id: 1, offset: 3 }]);
  clock.time = time;
  groups.setOffsets('idle', [{ id: 1, offset: 3 }]);
  groups.join(joining('a'));
  groups.join({ ...joining('b'), sessionTimeoutMs: 30_000 });
  groups.commit('g', ref('a'), [{ id: 1, offset: 5 }]);
}

/** A classic one whose leader has yet to assign, with an id that is out, and one of clients of both kinds. */
function fillClassicGroups({ groups, socketGroups }: Broker): void {
  socketGroups.join({ ...client('classic', ''), newId: 'a' });
  socketGroups.join({ ...client('classic', ''), newId: 'b', comesTwice: true });
  groups.join({ ...joining('e'), group: 'mixed' });
  socketGroups.join({ ...client('mixed', ''), newId: 'a' });
}

function client(group: string, memberId: string): JoinRequest {
  const who = { group, memberId, instanceId: null, clientId: 'client', host: 'local', newId: 'n' };
  const times = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000 };
  const protocols = [{ name: 'range', metadata: wishes(['t']) }];
  return { ...who, ...times, protocolType: 'consumer', protocols, comesTwice: false, canSkipAssignment: true };
}

/** One that was aborted, one that has not begun, and two that are open: a client's with an offset, and that of a process that has ended. */
function fillTransactions(broker: Broker): void {
  const { transactions } = broker;
  const open = (transactionalId: string, partitions: readonly number[], process: ProcessId | null = null) => {
    transactions.init({ transactionalId, timeoutMs: process === null ? 5000 : null, process });
    const me = idOf(broker, transactionalId);
    const batches = partitions.map((partition) => transactional(partition, me));
    broker.append('t', batches, 'producer', 'full');
    return me;
  };
  transactions.end(open('aborted', [0]), false);
  open('idle', []);
  transactions.commitOffsets(open('open', [0, 1]), 'idle', null, [{ id: 2, offset: 8 }]);
  open('dead', [1], { ...thisProcess(), pid: 2 ** 22 + 1 });
  broker.append('t', [numbered(0, 4, 0)], 'client', 'full');
}

function idOf({ transactions }: Broker, transactionalId: string): TransactionRef {
  const [row] = transactions.describe([transactionalId]);
  return { transactionalId, producerId: row?.producerId ?? -1, epoch: row?.epoch ?? -1 };
}

const ref = (memberId: string) => ({ group: 'g', memberId });

function joining(memberId: string): Joining {
  const who = { ...ref(memberId), name: memberId, host: 'local', process: null };
  return { ...who, subscription: { pattern: '.*' }, sessionTimeoutMs: 10_000 };
}

function blob(partition: number, value: string): { partition: number; blob: Buffer } {
  return { partition, blob: batchOf([{ value }, { value: `${value}${value}` }]) };
}

function transactional(partition: number, me: TransactionRef): { partition: number; blob: Buffer } {
  return { partition, blob: sealed(me, ['v']) };
}

/** An idempotent producer's, without a transaction. */
function numbered(partition: number, producerId: number, sequence: number): { partition: number; blob: Buffer } {
  return { partition, blob: sealed({ producerId, epoch: 0 }, ['v'], { sequence, transactional: false }) };
}

/** Every row there is, but for what is random (ids of topics) and who did the housekeeping when. */
function contents({ store }: Broker): string {
  const rows = store.read(() =>
    [
      'SELECT id, name, created FROM topic ORDER BY id',
      'SELECT * FROM catalogue',
      'SELECT * FROM topic_config ORDER BY topic, name',
      'SELECT * FROM partition ORDER BY id',
      'SELECT *, hex(data) AS data FROM batch ORDER BY seq',
      'SELECT * FROM ongoing_txn ORDER BY partition, producer_id',
      'SELECT * FROM aborted_txn ORDER BY partition, last',
      'SELECT * FROM producer_state ORDER BY partition, producer_id',
      'SELECT * FROM producer_counter',
      'SELECT * FROM txn ORDER BY id',
      'SELECT * FROM txn_partition ORDER BY txn, partition',
      'SELECT * FROM txn_offset ORDER BY txn, grp, partition',
      'SELECT * FROM consumer_group ORDER BY id',
      'SELECT *, hex(assignment) AS assignment FROM member ORDER BY grp, id',
      'SELECT * FROM pending_member ORDER BY grp, id',
      'SELECT * FROM assignment ORDER BY grp, partition',
      'SELECT * FROM committed_offset ORDER BY grp, partition',
      'SELECT * FROM departure ORDER BY id',
      'SELECT * FROM sqlite_sequence ORDER BY name',
    ].flatMap((sql) => store.prepare(sql).all()),
  );
  return rows.map((row) => JSON.stringify(row)).join('\n');
}

function expectRow(failure: unknown, fault: Fault, what?: string): void {
  if (fault === 'thrown') expect(failure, what).toEqual(new Error('on purpose'));
  else {
    const code = fault === 'SQLITE_FULL' ? 'STORAGE_FULL' : 'STORAGE_FAILED';
    expect(failure, what).toBeInstanceOf(BrokerError);
    expect(failure, what).toMatchObject({ code, exitCode: 5 });
  }
}

function expectSound(dir: string): void {
  const broker = Broker.open(dir, 'existing');
  expect(check(broker)).toEqual([]);
  broker.close();
}

function drain(steps: Iterator<unknown>): void {
  while (steps.next().done !== true);
}

function caught(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

async function caughtLater(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  return undefined;
}
