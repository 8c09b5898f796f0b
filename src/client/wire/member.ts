import { randomBytes } from 'node:crypto';
import { monotonic } from '../../clock.ts';
import { errorSaid } from '../../errors.ts';
import { consumerGroupHeartbeat } from '../../protocol/messages/68-consumer-group-heartbeat.ts';
import { CONSUMER_HEARTBEAT_MS, SESSION_TIMEOUT_MS } from '../../settings.ts';
import type { GroupConsumeOptions } from '../group-reader.ts';
import type { GroupMetadata } from '../transactions.ts';
import type { Line } from './line.ts';
import type { WirePlaces } from './places.ts';
import type { WireTopics } from './topics.ts';

/** Heartbeats in a session. */
const BEATS = 3;

/** What is said instead of a member's epoch (KIP-848). */
const EPOCH = { joining: 0, leaving: -1, away: -2 } as const;

/** How long a member may take to give up what it is told to (ms; Kafka's max.poll.interval.ms). */
const REBALANCE_TIMEOUT_MS = 300_000;

/** Kafka's UNKNOWN_MEMBER_ID, GROUP_ID_NOT_FOUND, FENCED_MEMBER_EPOCH: it was taken for dead. */
const FENCED: ReadonlySet<number> = new Set([25, 69, 110]);

/** A member of a group, as KIP-848 has it: it says by heartbeats that it lives and what it has, and hears by them what it shall have. */
export class WireMember {
  readonly memberId = `beck-${process.pid}-${randomBytes(4).toString('hex')}`;
  readonly #line: Line;
  readonly #options: GroupConsumeOptions;
  readonly #topics: WireTopics;
  readonly #places: WirePlaces;
  /** Undefined: it is no member. */
  #epoch: number | undefined;
  #lastEpoch = 0;
  #heardAt = monotonic();
  /** ms between two heartbeats. */
  intervalMs = CONSUMER_HEARTBEAT_MS;
  /** What it shall have, of what nobody else has any more. By the ids of places. */
  assigned: ReadonlySet<number> = new Set();

  constructor(line: Line, options: GroupConsumeOptions, places: WirePlaces, topics: WireTopics) {
    this.#line = line;
    this.#options = options;
    this.#places = places;
    this.#topics = topics;
  }

  get isMember(): boolean {
    return this.#epoch !== undefined;
  }

  /** Whether it was not heard of for so long that it may be taken for dead: it has slept, or waited for whoever reads its output. */
  get isDoubtful(): boolean {
    const { sessionTimeoutMs = SESSION_TIMEOUT_MS } = this.#options;
    return this.isMember && monotonic() - this.#heardAt >= sessionTimeoutMs;
  }

  /** When it is none, as what it was. */
  get metadata(): GroupMetadata {
    const { group, instanceId } = this.#options;
    return { group, memberId: this.memberId, instanceId, generation: this.#epoch ?? this.#lastEpoch };
  }

  /** Throws INVALID_GROUP_ID, UNSUPPORTED_ASSIGNOR, UNRELEASED_INSTANCE_ID, INCONSISTENT_GROUP_PROTOCOL, … */
  async join(): Promise<void> {
    const { topics, assignor = null, sessionTimeoutMs = SESSION_TIMEOUT_MS } = this.#options;
    const subscribed = 'pattern' in topics ? { subscribedTopicRegex: topics.pattern, subscribedTopicNames: [] } : {};
    const named = 'names' in topics ? { subscribedTopicNames: topics.names } : {};
    const wishes = { rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS, assignor, sessionTimeoutMs, ...subscribed, ...named };
    this.assigned = new Set();
    await this.#beat(EPOCH.joining, [], wishes);
  }

  /** Says what it has (ids). Answers whether it shall have something else now. False of one that was fenced: it is no member. */
  async beat(owned: readonly number[]): Promise<boolean> {
    if (this.#epoch === undefined) return false;
    const before = this.assigned;
    return (await this.#beat(this.#epoch, owned)) && this.assigned !== before;
  }

  /** A static member's place is kept for it. */
  async leave(): Promise<void> {
    if (this.#epoch === undefined) return;
    const epoch = this.#options.instanceId === undefined ? EPOCH.leaving : EPOCH.away;
    await this.#beat(epoch, []);
    this.#epoch = undefined;
  }

  fence(): void {
    this.#epoch = undefined;
    this.assigned = new Set();
  }

  /** Answers whether it is a member. */
  async #beat(memberEpoch: number, owned: readonly number[], wishes: object = {}): Promise<boolean> {
    const { group: groupId, instanceId = null } = this.#options;
    const { memberId } = this;
    const topicPartitions = owned.map((id) => {
      const { topic, partition } = this.#places.at(id);
      return { topicId: topic.id, partitions: [partition] };
    });
    const beat = { groupId, memberId, memberEpoch, instanceId, topicPartitions, ...wishes };
    const answer = await this.#line.ask(consumerGroupHeartbeat, beat);
    if (FENCED.has(answer.errorCode) && memberEpoch !== EPOCH.joining) {
      this.fence();
      return false;
    }
    const known = { group: groupId, member: memberId, instance: instanceId ?? '' };
    if (answer.errorCode !== 0) throw errorSaid(answer.errorCode, answer.errorMessage, known);
    this.#heardAt = monotonic();
    this.#epoch = answer.memberEpoch;
    this.#lastEpoch = answer.memberEpoch;
    const { sessionTimeoutMs = SESSION_TIMEOUT_MS } = this.#options;
    this.intervalMs = Math.min(answer.heartbeatIntervalMs || this.intervalMs, sessionTimeoutMs / BEATS);
    if (answer.assignment !== null) await this.#heed(answer.assignment.topicPartitions);
    return true;
  }

  /** Topics come by their ids; those that are not known yet are looked up. */
  async #heed(told: readonly { readonly topicId: Buffer; readonly partitions: readonly number[] }[]): Promise<void> {
    const isUnknown = told.some(({ topicId: id, partitions }) =>
      partitions.some((each) => this.#places.idOf({ id }, each) < 0),
    );
    if (isUnknown)
      for (const topic of await this.#topics.present(null))
        for (let partition = 0; partition < topic.partitions; partition++) this.#places.add(topic, partition);
    const ids = told.flatMap(({ topicId: id, partitions }) =>
      partitions.map((each) => this.#places.idOf({ id }, each)),
    );
    const now = new Set(ids.filter((id) => id >= 0));
    const isSame = now.size === this.assigned.size && [...now].every((id) => this.assigned.has(id));
    if (!isSame) this.assigned = now;
  }
}
