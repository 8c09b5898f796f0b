import { MECHANISM_NAMES } from '../../user/mechanism.ts';
import type { Cluster, OffsetTarget, OnProgress, TopicSelector } from '../cluster.ts';
import {
  anyOf,
  flag,
  type Given,
  listOf,
  mapOf,
  nullable,
  object,
  optional,
  position,
  type Shape,
  shape,
  text,
  whole,
} from './shape.ts';

/** What a door is given beside its arguments. */
export interface Around {
  readonly onProgress: OnProgress;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** A door of the cluster that can be called from another process: what it takes, and how it is answered. */
export interface Door<
  Takes extends Readonly<Record<string, Shape>> = Readonly<Record<string, Shape>>,
  Answer = unknown,
> {
  readonly takes: Takes;
  answer(cluster: Cluster, given: Given<Takes>, around: Around): Answer;
}

const door = <Takes extends Readonly<Record<string, Shape>>, Answer>(
  takes: Takes,
  answer: Door<Takes, Answer>['answer'],
): Door<Takes, Answer> => ({ takes, answer });

const names = listOf(text);
const topics = anyOf<TopicSelector>('topics', object('names', { names }), object('a pattern', { pattern: text }));
const topicPartition = object('a partition', { topic: text, partition: whole });
const spec = object('a topic', { name: text, partitions: optional(whole), configs: optional(mapOf(text)) });
const scope = nullable(listOf(object('a topic', { topic: text, partitions: optional(listOf(whole)) })));
const storedOffset = object('an offset', { topic: text, partition: whole, offset: whole, metadata: text });
const target = anyOf<OffsetTarget>(
  'where to go on',
  object('a position', { kind: word('position'), position }),
  object('a shift', { kind: word('shift'), by: whole }),
  object('a group', { kind: word('group'), group: text }),
  object('offsets', { kind: word('offsets'), offsets: listOf(storedOffset) }),
);
const plannedOffset = object('a planned offset', {
  topic: text,
  partition: whole,
  before: nullable(whole),
  after: nullable(whole),
  metadata: text,
  start: whole,
  end: whole,
  note: nullable(word('below-start', 'above-end', 'after-last', 'nothing-committed')),
});

const mechanisms = listOf(word(...MECHANISM_NAMES));

/**
 * What beck's commands ask of a server that Kafka has no words for, or not all of them. A row is a method of `Cluster`: its
 * arguments by name, as JSON can say them. A change here is another version of `call` in protocol/messages/.
 */
export const DOORS = {
  createTopics: door({ specs: listOf(spec), ifNotExists: optional(flag) }, (cluster, { specs, ifNotExists }) =>
    cluster.createTopics(specs, { ifNotExists }),
  ),
  listTopics: door({ topics: optional(topics) }, (cluster, given) => cluster.listTopics(given.topics)),
  describeTopics: door({ topics }, (cluster, given) => cluster.describeTopics(given.topics)),
  alterTopic: door(
    { name: text, partitions: optional(whole), set: optional(mapOf(text)), unset: optional(names) },
    (cluster, { name, ...change }) => cluster.alterTopic(name, change),
  ),
  deleteTopics: door({ topics }, (cluster, given) => cluster.deleteTopics(given.topics)),
  trimTopic: door(
    { name: text, before: position, partition: optional(whole), dryRun: optional(flag) },
    (cluster, { name, dryRun = false, ...to }) => cluster.trimTopic(name, { ...to, dryRun }),
  ),
  runRetention: door(
    { topics: optional(topics), now: optional(whole), dryRun: optional(flag) },
    (cluster, { dryRun = false, ...run }, { onProgress }) => cluster.runRetention({ ...run, dryRun, onProgress }),
  ),
  dump: door(
    { topics, partitions: optional(listOf(whole)), from: position, until: optional(position) },
    (cluster, question) => cluster.dump(question),
  ),
  status: door({}, (cluster) => cluster.status()),
  check: door({}, (cluster, _, { onProgress }) => cluster.check(onProgress)),
  salvage: door({ into: text }, (cluster, { into }, { onProgress }) => cluster.salvage(into, onProgress)),
  snapshot: door({ into: text }, (cluster, { into }, { onProgress }) => cluster.snapshot(into, onProgress)),
  listGroups: door({}, (cluster) => cluster.groups.list()),
  describeGroups: door({ names: nullable(names), now: whole }, (cluster, given) =>
    cluster.groups.describe(given.names, given.now),
  ),
  membership: door({ group: text, memberId: text }, (cluster, { group, memberId }) =>
    cluster.groups.membership(group, memberId),
  ),
  groupsChanged: door({ ms: whole }, (cluster, { ms }, { signal }) => cluster.groups.changed(ms, signal)),
  planOffsets: door({ group: text, scope, to: target }, (cluster, question) => cluster.groups.planOffsets(question)),
  setOffsets: door({ group: text, plan: listOf(plannedOffset) }, (cluster, { group, plan }) =>
    cluster.groups.setOffsets(group, plan),
  ),
  deleteGroups: door({ names }, (cluster, given) => cluster.groups.delete(given.names)),
  committedOffsets: door({ group: text, scope }, (cluster, given) =>
    cluster.groups.committedOffsets(given.group, given.scope),
  ),
  deleteOffsets: door({ group: text, offsets: listOf(topicPartition) }, (cluster, { group, offsets }) =>
    cluster.groups.deleteOffsets(group, offsets),
  ),
  listTransactions: door({}, (cluster) => cluster.transactions.list()),
  describeTransactions: door({ names: nullable(names) }, (cluster, given) =>
    cluster.transactions.describe(given.names),
  ),
  planAbort: door({ names }, (cluster, given) => cluster.transactions.planAbort(given.names)),
  abortTransactions: door({ names }, (cluster, given) => cluster.transactions.abort(given.names)),
  listUsers: door({}, (cluster) => cluster.users.list()),
  setUser: door({ name: text, password: text, mechanisms, iterations: whole }, (cluster, user) =>
    cluster.users.set(user),
  ),
  describeUsers: door({ names }, (cluster, given) => cluster.users.describe(given.names)),
  deleteUsers: door({ names }, (cluster, given) => cluster.users.delete(given.names)),
} as const;

export type DoorName = keyof typeof DOORS;
export type GivenTo<Name extends DoorName> = Given<(typeof DOORS)[Name]['takes']>;
export type AnswerOf<Name extends DoorName> = Awaited<ReturnType<(typeof DOORS)[Name]['answer']>>;

function word<const Word extends string>(...words: readonly Word[]): Shape<Word> {
  return shape<Word>(words.join(' or '), (value) => (words as readonly unknown[]).includes(value));
}
