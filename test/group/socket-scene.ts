import type { JoinAnswer, JoinRequest } from '../../src/group/classic/join.ts';
import type { SyncAnswer } from '../../src/group/classic/sync.ts';
import type { ConsumerHeartbeat } from '../../src/group/consumer/consumer-groups.ts';
import type { Committer } from '../../src/group/offsets/committer.ts';
import { assignment, readEmbedded, subscription, writeEmbedded } from '../../src/protocol/consumer-protocol.ts';
import type { TopicPartition } from '../../src/types.ts';
import { openTestBroker, TestClock } from '../support/test-broker.ts';

export const SESSION = 10_000;
export const REBALANCE = 30_000;

/** What a consumer says under each of its protocols. */
export function wishes(topics: readonly string[], owned: readonly TopicPartition[] = [], version = 1): Buffer {
  return writeEmbedded(subscription, version, { topics, ownedPartitions: byTopic(owned) });
}

export function gives(partitions: readonly TopicPartition[]): Buffer {
  return writeEmbedded(assignment, 0, { assignedPartitions: byTopic(partitions) });
}

/** `t0 t1`; "nothing" where there are no bytes at all. */
export function hand(bytes: Buffer): string {
  if (bytes.length === 0) return 'nothing';
  const { assignedPartitions } = readEmbedded(assignment, bytes);
  return assignedPartitions.flatMap(({ topic, partitions }) => partitions.map((p) => `${topic}${p}`)).join(' ');
}

function byTopic(partitions: readonly TopicPartition[]) {
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  return topics.map((topic) => ({
    topic,
    partitions: partitions.filter((each) => each.topic === topic).map(({ partition }) => partition),
  }));
}

/** One group `g` on a broker, and clients behind sockets; nobody waits, all ask again. */
export class SocketScene {
  readonly clock = new TestClock();
  readonly broker = openTestBroker({ clock: this.clock });
  #ids = 0;

  constructor(topics: Readonly<Record<string, number>> = { t: 4 }) {
    this.broker.createTopics(Object.entries(topics).map(([name, partitions]) => ({ name, partitions })));
  }

  get groups() {
    return this.broker.socketGroups;
  }

  request(memberId: string, how: Partial<JoinRequest> = {}): JoinRequest {
    return {
      group: 'g',
      memberId,
      instanceId: null,
      clientId: 'client',
      host: '127.0.0.1',
      sessionTimeoutMs: SESSION,
      rebalanceTimeoutMs: REBALANCE,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: wishes(['t']) }],
      newId: `m${++this.#ids}`,
      comesTwice: false,
      canSkipAssignment: true,
      ...how,
    };
  }

  /** An answer, or null: it waits. */
  join(memberId: string, how: Partial<JoinRequest> = {}): JoinAnswer | null {
    return this.groups.join(this.request(memberId, how)).answer;
  }

  /** Joins that waited. */
  joined(memberId: string, how: Partial<JoinRequest> = {}): JoinAnswer | null {
    return this.groups.joined(this.request(memberId, how)).answer;
  }

  /** The error, that it waits, or what it is given. */
  sync(memberId: string, generation: number, given: Readonly<Record<string, Buffer>> = {}): string {
    const request = { group: 'g', memberId, instanceId: null, generation, protocolType: null, protocol: null };
    return said(this.groups.sync({ ...request, assignments: new Map(Object.entries(given)) }).answer);
  }

  synced(memberId: string, generation: number): string {
    const request = { group: 'g', memberId, instanceId: null, generation, protocolType: null, protocol: null };
    return said(this.groups.synced({ ...request, assignments: new Map() }).answer);
  }

  /** The error; null: all is well. */
  beat(memberId: string, generation: number, instanceId: string | null = null) {
    return this.groups.heartbeat({ group: 'g', memberId, instanceId, generation }).error;
  }

  leave(memberId: string, instanceId: string | null = null) {
    return this.groups.leave('g', [{ memberId, instanceId }]).refusals[0];
  }

  /** The error of a commit for partition 0 of t; null: it is stored. */
  commit(memberId: string, generation: number, how: Partial<Committer & { partition: number; offset: number }> = {}) {
    const { partition = 0, offset = 1, ...rest } = how;
    const id = this.broker.topic('t').partitions[partition]?.id ?? 999;
    const who = { memberId, generation, instanceId: null, knowsEpochs: true, isTransactional: false, ...rest };
    return this.groups.commit('g', who, [{ id, offset }])[0]?.error;
  }

  /** KIP-848's; what it does not say is as it was. */
  consumer(memberId: string, memberEpoch: number, how: Partial<ConsumerHeartbeat> = {}) {
    const first = { rebalanceTimeoutMs: REBALANCE, names: ['t'], owned: [] };
    const later = { rebalanceTimeoutMs: null, names: null, owned: null };
    const who = { group: 'g', memberId, memberEpoch, instanceId: null, clientId: 'client', host: '127.0.0.1' };
    const wish = { pattern: null, assignor: null, sessionTimeoutMs: SESSION, ...(memberEpoch === 0 ? first : later) };
    return this.groups.consumerHeartbeat({ ...who, ...wish, ...how });
  }

  /** Ids of partitions of t. */
  ids(...numbers: readonly number[]): number[] {
    return numbers.map((number) => this.broker.topic('t').partitions[number]?.id ?? 999);
  }

  /** One of beck's own. */
  joinEmbedded(memberId: string, instanceId?: string) {
    const who = { group: 'g', memberId, name: memberId, host: 'local', instanceId, process: null };
    return this.broker.groups.join({ ...who, subscription: { names: ['t'] }, sessionTimeoutMs: SESSION });
  }

  /** Two clients `a` and `b`, in one stable generation, which is the answer. */
  two(
    protocol = 'range',
    owned: readonly [number[], number[]] = [
      [0, 1],
      [2, 3],
    ],
  ): number {
    const how = { protocols: [{ name: protocol, metadata: wishes(['t']) }] };
    this.join('', { newId: 'a', ...how });
    this.join('', { newId: 'b', ...how });
    this.join('a', how);
    const generation = this.joined('b', how)?.generation ?? -1;
    const of = (numbers: number[]) => gives(numbers.map((partition) => ({ topic: 't', partition })));
    this.sync('a', generation, { a: of(owned[0]), b: of(owned[1]) });
    this.sync('b', generation);
    return generation;
  }

  record() {
    const [record] = this.broker.groups.records(['g']);
    if (record === undefined) throw new Error('there is no group');
    return record;
  }

  /** `classic Stable 3: a 0,1 | b 2,3`; `classic Empty 4:`. */
  get shown(): string {
    const { type, state, epoch, members, assignments } = this.record();
    const places = new Map(this.broker.topic('t').partitions.map(({ id, number }) => [id, number]));
    const hands = members.map(({ id }) => {
      const own = assignments.filter(({ owner }) => owner === id);
      const numbers = own.map(({ partition, target }) => `${places.get(partition)}${target === id ? '' : '>'}`);
      return [id, ...(numbers.length === 0 ? [] : [numbers.join()])].join(' ');
    });
    return `${type} ${state} ${epoch}: ${hands.join(' | ')}`;
  }
}

function said(answer: SyncAnswer | null): string {
  if (answer === null) return 'waits';
  return answer.error ?? hand(answer.assignment);
}
