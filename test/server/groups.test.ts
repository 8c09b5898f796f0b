import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { offsetCommit } from '../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetch } from '../../src/protocol/messages/09-offset-fetch.ts';
import { joinGroup } from '../../src/protocol/messages/11-join-group.ts';
import { leaveGroup } from '../../src/protocol/messages/13-leave-group.ts';
import { syncGroup } from '../../src/protocol/messages/14-sync-group.ts';
import { describeGroups } from '../../src/protocol/messages/15-describe-groups.ts';
import { listGroups } from '../../src/protocol/messages/16-list-groups.ts';
import { createTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { deleteGroups } from '../../src/protocol/messages/42-delete-groups.ts';
import { offsetDelete } from '../../src/protocol/messages/47-offset-delete.ts';
import { consumerGroupHeartbeat } from '../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { consumerGroupDescribe } from '../../src/protocol/messages/69-consumer-group-describe.ts';
import { hand } from '../group/socket-scene.ts';
import { TestServer } from '../support/test-server.ts';
import { GroupClient, PROTOCOLS } from './group-client.ts';

async function start(settings: Parameters<typeof TestServer.start>[0] = {}): Promise<TestServer> {
  const server = await TestServer.start(settings);
  const topics = [{ name: 't', numPartitions: 4, replicationFactor: -1, assignments: [], configs: [] }];
  await server.ask(createTopics, 7, { topics, timeoutMs: 1000, validateOnly: false });
  return server;
}

/** Two members in a stable generation, the leader first. */
async function two(server: TestServer): Promise<[GroupClient, GroupClient]> {
  const [a, b] = [await GroupClient.connect(server), await GroupClient.connect(server)];
  await a.joinTwice();
  await b.join();
  const joins = [b.join(), a.join()];
  await Promise.all(joins);
  const [leader, follower] = a.leads ? [a, b] : [b, a];
  expect(await Promise.all([follower.sync(), leader.sync()])).toEqual(['t1', 't0']);
  return [leader, follower];
}

/** Until it is so; a test's own time limit ends what never is. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(5);
}

describe('a classic group on sockets', () => {
  it('one joins, syncs, beats, leaves', async () => {
    const a = await GroupClient.connect(await start());
    expect(await a.join()).toBe(79);
    expect(a.memberId).toMatch(/^test-[0-9a-f-]{36}$/);
    expect(await a.join()).toBe(0);
    expect([a.generation, a.leads, a.members.length]).toEqual([1, true, 1]);
    expect(await a.sync()).toBe('t0');
    expect(await a.beat()).toBe(0);
    expect(await a.leave()).toBe(0);
    expect(await a.beat()).toBe(25);
  });

  it('a join waits until all are in, a sync until the leader has assigned', async () => {
    const server = await start();
    const [a, b] = await two(server);
    const c = await GroupClient.connect(server);
    await c.join();
    const joining = c.join();
    await until(async () => (await a.beat()) === 27);
    const again = b.join();
    expect(await a.join()).toBe(0);
    expect(await Promise.all([joining, again])).toEqual([0, 0]);
    expect([a, b, c].map(({ generation }) => generation)).toEqual([3, 3, 3]);
    const [leader] = [a, b, c].filter(({ leads }) => leads);
    expect(leader?.members).toHaveLength(3);
    const waiting = [a, b, c].filter((each) => each !== leader).map((each) => each.sync());
    const given = [await leader?.sync(), ...(await Promise.all(waiting))];
    expect(given.sort()).toEqual(['t0', 't1', 't2']);
  });

  it('a member whose connection is closed goes after a moment, and a waiting join goes on without it', async () => {
    const server = await start({ settings: { memberGraceMs: 20 } });
    const [a, b] = await two(server);
    b.wire.close();
    await until(async () => (await a.beat()) === 27);
    expect(await a.join()).toBe(0);
    expect(a.members).toHaveLength(1);
  });

  it('without a grace it stays until its session is over, as in Kafka', async () => {
    const server = await start({ settings: { memberGraceMs: null } });
    const [a, b] = [await GroupClient.connect(server), await GroupClient.connect(server)];
    await a.joinTwice();
    const session = { sessionTimeoutMs: 1000 };
    await b.join(session);
    await Promise.all([b.join(session), a.join()]);
    await Promise.all([b.sync(), a.sync()]);
    const heard = Date.now();
    b.wire.close();
    await until(async () => (await a.beat()) === 27);
    expect(Date.now() - heard).toBeGreaterThan(900);
  });

  it('a member whose connection is closed while its join waits goes too', async () => {
    const server = await start({ settings: { memberGraceMs: 20 } });
    const [a] = await two(server);
    const c = await GroupClient.connect(server);
    c.wire.send(joinGroup, 2, c.request());
    await until(async () => (await a.beat()) === 27);
    c.wire.close();
    expect(await a.join()).toBe(0);
    expect(a.members.length).toBeLessThan(3);
  });

  it('stays when it is back on another connection, and as a static member', async () => {
    const server = await start({ settings: { memberGraceMs: 20 } });
    const a = await GroupClient.connect(server);
    const s = await GroupClient.connect(server);
    await a.joinTwice();
    const joined = s.join({ groupInstanceId: 'S' });
    await until(async () => (await a.beat()) === 27);
    await Promise.all([joined, a.join()]);
    const other = Object.assign(await GroupClient.connect(server), { memberId: a.memberId, generation: a.generation });
    expect(await other.beat()).toBe(0);
    a.wire.close();
    s.wire.close();
    await pause(60);
    expect(await other.beat()).toBe(0);
    const { groups } = await server.ask(describeGroups, 5, { groups: ['g'] });
    expect(groups[0]?.members.map(({ groupInstanceId }) => groupInstanceId).sort()).toEqual(['S', null]);
  });

  it('a member that is silent goes, though nobody asks', async () => {
    const server = await start();
    const a = await GroupClient.connect(server);
    await a.joinTwice({ sessionTimeoutMs: 100 });
    await until(async () => (await server.ask(listGroups, 4, {})).groups[0]?.groupState === 'Empty');
    expect(await a.beat()).toBe(25);
  });

  it('stays when the server stops and another one starts, with all its session', async () => {
    const first = await start();
    const [a] = await two(first);
    const waiting = await GroupClient.connect(first);
    await waiting.join();
    waiting.wire.send(joinGroup, 9, waiting.request());
    await until(async () => (await a.beat()) === 27);
    await first.server.stop();
    expect(await waiting.wire.frame()).not.toBeNull();
    const second = await TestServer.start({ dataDir: first.dir });
    const again = Object.assign(await GroupClient.connect(second), { memberId: a.memberId, generation: a.generation });
    expect(await again.beat()).toBe(27);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const)('JoinGroup %i says what its version can say', async (version) => {
    const client = await GroupClient.connect(await start());
    const code = await client.join({}, version);
    expect([code, client.generation]).toEqual(version < 4 ? [0, 1] : [79, -1]);
    const other = await client.wire.ask(joinGroup, version, client.request({ protocolType: 'other', memberId: '' }));
    expect(other.errorCode).toBe(version < 4 ? 23 : 79);
    expect(await client.join({ groupId: '' }, version)).toBe(24);
    expect(await client.join({ sessionTimeoutMs: 1 }, version)).toBe(26);
    expect((await client.wire.ask(joinGroup, version, client.request({ memberId: 'x' }))).errorCode).toBe(25);
  });

  it('LeaveGroup names one member below version 3, and says its error at the top', async () => {
    const server = await start();
    const [a, b] = await two(server);
    const leave = (version: number, memberId: string) => server.ask(leaveGroup, version, { groupId: 'g', memberId });
    expect([(await leave(2, a.memberId)).errorCode, (await leave(2, a.memberId)).errorCode]).toEqual([0, 25]);
    expect((await leave(0, b.memberId)).errorCode).toBe(0);
    const all = await server.ask(leaveGroup, 4, {
      groupId: 'none',
      members: [{ memberId: 'x' }, { memberId: '', groupInstanceId: 'S' }],
    });
    expect(all).toMatchObject({
      errorCode: 0,
      members: [
        { memberId: 'x', errorCode: 25 },
        { groupInstanceId: 'S', errorCode: 25 },
      ],
    });
  });

  it('SyncGroup 5 names the type and the protocol', async () => {
    const server = await start();
    const [a] = await two(server);
    const request = { groupId: 'g', memberId: a.memberId, generationId: a.generation, assignments: [] };
    expect((await server.ask(syncGroup, 5, request)).errorCode).toBe(23);
    expect((await server.ask(syncGroup, 3, request)).errorCode).toBe(0);
  });

  it('a node that does not coordinate a group says so', async () => {
    const server = await start({ nodes: 3 });
    const codes = [];
    for (const node of [1, 2, 3]) {
      const client = new GroupClient(await server.connect(node));
      const others = await client.wire.ask(deleteGroups, 2, { groupsNames: ['g'] });
      codes.push([await client.join(), await client.beat(), others.results[0]?.errorCode].join());
    }
    expect(codes.sort()).toEqual(['16,16,16', '16,16,16', '79,25,69']);
  });
});

describe('offsets', () => {
  const commits = (offset: number, partition = 0) => ({
    topics: [
      { name: 't', partitions: [{ partitionIndex: partition, committedOffset: offset, committedMetadata: 'm' }] },
    ],
  });

  it.each([2, 3, 4, 5, 6, 7, 8, 9] as const)('OffsetCommit %i, of nobody in particular', async (version) => {
    const server = await start();
    const topics = [
      ...commits(7).topics,
      { name: 'x', partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }] },
      {
        name: 't',
        partitions: [
          { partitionIndex: 9, committedOffset: 1, committedMetadata: null },
          { partitionIndex: 1, committedOffset: 3, committedMetadata: 'x'.repeat(4097) },
        ],
      },
    ];
    const answer = await server.ask(offsetCommit, version, { groupId: 'g', topics });
    expect(answer.topics.map(({ name, partitions }) => [name, ...partitions.map((p) => p.errorCode)])).toEqual([
      ['t', 0],
      ['x', 3],
      ['t', 3, 12],
    ]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9] as const)('OffsetFetch %i: what there is not is no error', async (version) => {
    const server = await start();
    await server.ask(offsetCommit, 8, {
      groupId: 'g',
      topics: [
        {
          name: 't',
          partitions: [{ partitionIndex: 2, committedOffset: 5, committedLeaderEpoch: 0, committedMetadata: 'm' }],
        },
      ],
    });
    const topics = [
      { name: 't', partitionIndexes: [2, 3, 99] },
      { name: 'x', partitionIndexes: [0] },
    ];
    const ask = async (groupId: string, asked: typeof topics | null) => {
      const answer = await server.ask(
        offsetFetch,
        version,
        version < 8 ? { groupId, topics: asked ?? [] } : { groups: [{ groupId, topics: asked }] },
      );
      const found = version < 8 ? answer : answer.groups[0];
      expect(found?.errorCode).toBe(0);
      return found?.topics.map(({ name, partitions }) => [
        name,
        ...partitions.map((p) => `${p.partitionIndex}:${p.committedOffset}${p.metadata}${p.errorCode}`),
      ]);
    };
    expect(await ask('g', topics)).toEqual([
      ['t', '2:5m0', '3:-10', '99:-10'],
      ['x', '0:-10'],
    ]);
    expect(await ask('none', topics)).toEqual([
      ['t', '2:-10', '3:-10', '99:-10'],
      ['x', '0:-10'],
    ]);
    if (version < 8) return;
    expect(await ask('g', null)).toEqual([['t', '2:5m0']]);
    expect(await ask('none', null)).toEqual([]);
  });

  it('OffsetFetch below 8 asks for all with null', async () => {
    const server = await start();
    await server.ask(offsetCommit, 8, { groupId: 'g', ...commits(7, 3) });
    expect((await server.ask(offsetFetch, 7, { groupId: 'g', topics: null })).topics).toMatchObject([
      { name: 't', partitions: [{ partitionIndex: 3, committedOffset: 7, committedLeaderEpoch: -1 }] },
    ]);
  });

  it('OffsetFetch says where a transaction has yet to end, to who wants to know', async () => {
    const server = await start();
    await server.ask(offsetCommit, 8, { groupId: 'g', ...commits(7) });
    const broker = Broker.open(server.dir, 'create');
    try {
      const id = broker.topic('t').partitions[0]?.id as number;
      const producer = broker.transactions.init({ transactionalId: 'x', timeoutMs: 60_000 });
      const ref = { transactionalId: 'x', ...producer };
      broker.transactions.addOffsets(ref, 'g');
      broker.transactions.commitOffsets(ref, 'g', null, [{ id, offset: 9 }]);
      const fetch = async (requireStable: boolean, version = 9) => {
        const topics = [{ name: 't', partitionIndexes: [0, 1] }];
        const asked = version < 8 ? { groupId: 'g', topics } : { groups: [{ groupId: 'g', topics }] };
        const answer = await server.ask(offsetFetch, version, { ...asked, requireStable });
        const [found] = version < 8 ? answer.topics : (answer.groups[0]?.topics ?? []);
        return found?.partitions.map(({ committedOffset, errorCode }) => [committedOffset, errorCode]);
      };
      expect(await fetch(false)).toEqual([
        [7, 0],
        [-1, 0],
      ]);
      for (const version of [7, 8, 9])
        expect(await fetch(true, version)).toEqual([
          [-1, 88],
          [-1, 0],
        ]);
      broker.transactions.end(ref, true);
      expect(await fetch(true)).toEqual([
        [9, 0],
        [-1, 0],
      ]);
    } finally {
      broker.close();
    }
  });

  it('a member commits in its generation, which keeps it alive', async () => {
    const server = await start();
    const [a] = await two(server);
    const commit = async (generationIdOrMemberEpoch: number, memberId = a.memberId, version = 9) => {
      const answer = await server.ask(offsetCommit, version, {
        groupId: 'g',
        memberId,
        generationIdOrMemberEpoch,
        ...commits(7),
      });
      return answer.topics[0]?.partitions[0]?.errorCode;
    };
    expect([await commit(2), await commit(1), await commit(2, 'x'), await commit(-1, '')]).toEqual([0, 22, 25, 25]);
    const elsewhere = await server.ask(offsetCommit, 9, {
      groupId: 'none',
      memberId: 'x',
      generationIdOrMemberEpoch: 3,
      ...commits(7),
    });
    expect(elsewhere.topics[0]?.partitions[0]?.errorCode).toBe(69);
  });

  it('OffsetDelete leaves what a member reads', async () => {
    const server = await start();
    await server.ask(createTopics, 7, {
      topics: [{ name: 'u', numPartitions: 1, replicationFactor: -1, assignments: [], configs: [] }],
      timeoutMs: 0,
      validateOnly: false,
    });
    await server.ask(offsetCommit, 8, { groupId: 'g', ...commits(7) });
    await server.ask(offsetCommit, 8, {
      groupId: 'g',
      topics: [{ name: 'u', partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }] }],
    });
    await two(server);
    const topics = ['t', 'u', 'x'].map((name) => ({ name, partitions: [{ partitionIndex: 0 }] }));
    const answer = await server.ask(offsetDelete, 0, { groupId: 'g', topics });
    expect([answer.errorCode, ...answer.topics.map(({ partitions }) => partitions[0]?.errorCode)]).toEqual([
      0, 86, 0, 3,
    ]);
    const { groups } = await server.ask(offsetFetch, 8, { groups: [{ groupId: 'g', topics: null }] });
    expect(groups[0]?.topics.map(({ name }) => name)).toEqual(['t']);
    expect((await server.ask(offsetDelete, 0, { groupId: 'none', topics })).errorCode).toBe(69);
  });
});

describe('groups from outside', () => {
  it('DescribeGroups tells what members said and were given; a group that there is not is dead', async () => {
    const server = await start();
    const [a, b] = await two(server);
    const { groups } = await server.ask(describeGroups, 5, {
      groups: ['g', 'none'],
      includeAuthorizedOperations: true,
    });
    expect(groups[1]).toMatchObject({
      errorCode: 0,
      groupId: 'none',
      groupState: 'Dead',
      members: [],
      authorizedOperations: 3400,
    });
    expect(groups[0]).toMatchObject({ groupState: 'Stable', protocolType: 'consumer', protocolData: 'range' });
    const members = new Map(groups[0]?.members.map((member) => [member.memberId, member]));
    expect([a, b].map(({ memberId }) => hand(members.get(memberId)?.memberAssignment as Buffer))).toEqual(['t0', 't1']);
    for (const member of members.values())
      expect(member).toMatchObject({
        clientId: 'test',
        clientHost: '/127.0.0.1',
        memberMetadata: PROTOCOLS[0]?.metadata,
      });
    await b.leave();
    const later = await server.ask(describeGroups, 0, { groups: ['g'] });
    expect(later.groups[0]).toMatchObject({ groupState: 'PreparingRebalance', protocolData: '' });
    expect(later.groups[0]?.members[0]?.memberAssignment).toHaveLength(0);
  });

  it('consumer groups are told of in both ways, classic ones in one', async () => {
    const server = await start();
    const join = { rebalanceTimeoutMs: 1000, subscribedTopicNames: ['t'], topicPartitions: [] };
    await server.ask(consumerGroupHeartbeat, 1, { groupId: 'k', memberId: 'm', memberEpoch: 0, ...join });
    await two(server);
    const asked = await server.ask(consumerGroupDescribe, 1, {
      groupIds: ['k', 'g', 'none'],
      includeAuthorizedOperations: false,
    });
    expect(asked.groups.map(({ errorCode }) => errorCode)).toEqual([0, 69, 69]);
    expect(asked.groups[0]).toMatchObject({
      groupState: 'Stable',
      groupEpoch: 1,
      assignmentEpoch: 1,
      assignorName: 'uniform',
    });
    const [member] = asked.groups[0]?.members ?? [];
    expect(member).toMatchObject({
      memberId: 'm',
      memberEpoch: 1,
      subscribedTopicNames: ['t'],
      subscribedTopicRegex: null,
      memberType: 1,
    });
    const all = [{ topicName: 't', partitions: [0, 1, 2, 3] }];
    expect([member?.assignment.topicPartitions, member?.targetAssignment.topicPartitions]).toMatchObject([all, all]);
    const { groups } = await server.ask(describeGroups, 5, { groups: ['k'] });
    expect(groups[0]).toMatchObject({ groupState: 'Stable', protocolType: 'consumer' });
    expect(hand(groups[0]?.members[0]?.memberAssignment as Buffer)).toBe('t0 t1 t2 t3');
  });

  it('ListGroups asks by state and type as one likes to write them', async () => {
    const server = await start();
    const join = { rebalanceTimeoutMs: 1000, subscribedTopicNames: ['t'], topicPartitions: [] };
    await server.ask(consumerGroupHeartbeat, 1, { groupId: 'k', memberId: 'm', memberEpoch: 0, ...join });
    await two(server);
    await server.ask(offsetCommit, 8, {
      groupId: 'simple',
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }] }],
    });
    const list = async (version: number, filter = {}) => {
      const { groups } = await server.ask(listGroups, version, filter);
      return groups.map((group) => [group.groupId, group.protocolType, group.groupState, group.groupType].join());
    };
    expect(await list(5)).toEqual(['g,consumer,Stable,classic', 'k,consumer,Stable,consumer', 'simple,,Empty,classic']);
    expect(await list(0)).toEqual(['g,consumer,,', 'k,consumer,,', 'simple,,,']);
    expect(await list(5, { typesFilter: ['Consumer'] })).toEqual(['k,consumer,Stable,consumer']);
    expect(await list(4, { statesFilter: ['empty', 'DEAD'] })).toEqual(['simple,,Empty,']);
    expect(await list(5, { typesFilter: ['share'] })).toEqual([]);
  });

  it('DeleteGroups deletes each that has no members', async () => {
    const server = await start();
    await two(server);
    await server.ask(offsetCommit, 8, {
      groupId: 'simple',
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }] }],
    });
    const { results } = await server.ask(deleteGroups, 2, { groupsNames: ['g', 'none', 'simple'] });
    expect(results.map(({ errorCode }) => errorCode)).toEqual([68, 69, 0]);
  });
});

describe('ConsumerGroupHeartbeat', () => {
  const join = {
    groupId: 'k',
    memberEpoch: 0,
    rebalanceTimeoutMs: 1000,
    subscribedTopicNames: ['t'],
    topicPartitions: [],
  };

  it('tells a member what it has by topic ids, and how often to ask', async () => {
    const server = await start();
    const first = await server.ask(consumerGroupHeartbeat, 0, { ...join, memberId: '' });
    expect(first).toMatchObject({ errorCode: 0, memberEpoch: 1, heartbeatIntervalMs: 500 });
    const [topic] = first.assignment?.topicPartitions ?? [];
    expect(topic?.partitions).toEqual([0, 1, 2, 3]);
    const who = { groupId: 'k', memberId: first.memberId as string };
    const next = await server.ask(consumerGroupHeartbeat, 0, {
      ...who,
      memberEpoch: 1,
      topicPartitions: [{ topicId: topic?.topicId as Buffer, partitions: [0, 1, 2, 3] }],
    });
    expect(next).toMatchObject({ errorCode: 0, memberEpoch: 1, assignment: null });
    expect(await server.ask(consumerGroupHeartbeat, 0, { ...who, memberEpoch: 7 })).toMatchObject({ errorCode: 110 });
    expect(await server.ask(consumerGroupHeartbeat, 0, { ...who, memberEpoch: -1 })).toMatchObject({
      errorCode: 0,
      memberEpoch: -1,
    });
    expect(await server.ask(consumerGroupHeartbeat, 0, { ...who, memberEpoch: 1 })).toMatchObject({ errorCode: 25 });
  });

  it.each([
    ['no id, in version 1', { memberId: '' }, 42],
    ['an empty instance id', { instanceId: '' }, 42],
    ['no rebalance timeout', { rebalanceTimeoutMs: -1 }, 42],
    ['an assignor that there is not', { serverAssignor: 'best' }, 112],
    ['a bad pattern', { subscribedTopicRegex: '(' }, 128],
    ['no group', { groupId: '' }, 24],
  ] as const)('refuses %s', async (_, how, code) => {
    const server = await start();
    expect((await server.ask(consumerGroupHeartbeat, 1, { ...join, memberId: 'm', ...how })).errorCode).toBe(code);
  });

  it('and members of both kinds share, and one of beck’s own in another process', async () => {
    const server = await start();
    const a = await GroupClient.connect(server);
    await a.joinTwice();
    expect(await a.sync()).toBe('t0');
    const broker = Broker.open(server.dir, 'create');
    try {
      const who = { group: 'g', memberId: 'own', name: 'own', host: 'here', process: null };
      broker.groups.join({ ...who, subscription: { names: ['t'] }, sessionTimeoutMs: 10_000 });
      await until(async () => (await a.beat()) === 27);
      expect(await a.join()).toBe(0);
      expect(a.leads).toBe(false);
      const mine = await a.sync();
      const own = broker.groups.membership({ group: 'g', memberId: 'own' })?.assigned.map((p) => `t${p.partition}`);
      expect([...mine.split(' '), ...(own ?? [])].sort()).toEqual(['t0', 't1', 't2', 't3']);
      const reads = async (memberId: string, memberEpoch: number) => {
        const asked = { groups: [{ groupId: 'g', memberId, memberEpoch, topics: null }] };
        return (await server.ask(offsetFetch, 9, asked)).groups[0]?.errorCode;
      };
      const fetches = [reads(a.memberId, a.generation), reads(a.memberId, -1), reads(a.memberId, a.generation - 1)];
      expect(await Promise.all([...fetches, reads('own', -1), reads('gone', -1)])).toEqual([0, 0, 22, 113, 25]);
      broker.groups.commitAndLeave({ group: 'g', memberId: 'own' }, []);
      await until(async () => (await a.beat()) !== 0);
      expect(await a.join()).toBe(0);
      expect(a.leads).toBe(true);
    } finally {
      broker.close();
    }
  });
});
