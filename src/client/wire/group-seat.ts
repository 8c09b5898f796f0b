import { BrokerError } from '../../errors.ts';
import type { SeenGroup } from '../group-administration.ts';
import { GroupJournal } from '../group-journal.ts';
import type { GroupLanes } from '../group-lanes.ts';
import type { PartitionOffset } from '../group-reader.ts';
import type { WireGroupBegins } from './group-begins.ts';
import { commitAs, committedOf } from './group-offsets.ts';
import type { Line } from './line.ts';
import type { WireMember } from './member.ts';
import type { WirePlaces } from './places.ts';

/** Ctrl-C ends reading, and what was shown is committed after it: nothing of the group is hung up on. */
const NEVER = new AbortController().signal;

/** Between two heartbeats of one that waits for what another member has yet (ms). */
const EAGER_MS = 50;

export interface SeatParts {
  readonly line: Line;
  readonly group: string;
  readonly member: WireMember;
  readonly places: WirePlaces;
  readonly begins: WireGroupBegins;
  readonly lanes: GroupLanes;
  /** Called when there is something to take up. */
  readonly onChange: () => void;
}

/**
 * As `GroupSeat`, from afar: what the member is to give up it gives up as soon as nothing of that is being shown; what it is given it
 * takes when `takeUp` is called. Everything it says goes out one after the other.
 */
export class WireGroupSeat {
  readonly name = `${process.pid}`;
  readonly journal = new GroupJournal(this.name);
  readonly #parts: SeatParts;
  #turn: Promise<unknown> = Promise.resolve();
  #seen: SeenGroup | undefined;
  #isStale = true;
  #isReleasing = false;

  constructor(parts: SeatParts) {
    this.#parts = parts;
  }

  get isStale(): boolean {
    return this.#isStale;
  }

  /** Whether it has all that it shall have. */
  get isComplete(): boolean {
    return !this.#isStale && this.#seen?.pending === 0 && this.#seen.assigned.length === this.#parts.lanes.size;
  }

  /** ms up to the next heartbeat. */
  get dueIn(): number {
    const { intervalMs } = this.#parts.member;
    return this.isComplete ? intervalMs : Math.min(EAGER_MS, intervalMs);
  }

  /** Joins if it is no member; gives up what is wanted and takes what is given. Only while nothing is being shown. */
  takeUp(): Promise<void> {
    return this.#inTurn(async () => {
      const { member, lanes } = this.#parts;
      lanes.settle();
      do {
        this.#isStale = false;
        if (!member.isMember) await member.join();
        await this.#giveUp();
        if (member.isMember) await this.#take();
      } while (this.#isStale);
    });
  }

  /** Says that it lives, and hears what is wanted of it. */
  beat(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#parts.member.isMember) return;
      await this.#say();
      await this.#giveUp();
      await this.#look();
    });
  }

  /** Everything of the partition below `next` has been shown. */
  done(topic: string, partition: number, next: number): void {
    this.#parts.lanes.done(topic, partition, next);
  }

  /** Whether it has something that it shall give up and that is not being shown any more. */
  get mayRelease(): boolean {
    return !this.#isReleasing && this.#parts.lanes.givenUp.length > 0;
  }

  release(): Promise<void> {
    this.#isReleasing = true;
    return this.#inTurn(() => this.#giveUp()).finally(() => {
      this.#isReleasing = false;
    });
  }

  /** Stores how far everything has been shown. */
  commit(): Promise<void> {
    return this.#inTurn(() => this.#store());
  }

  leave(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#store();
      await this.#parts.member.leave();
    });
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act, act);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #say(): Promise<void> {
    const { member, lanes } = this.#parts;
    if (await member.beat(lanes.ids)) this.#changed();
    if (!member.isMember) this.#fenced();
  }

  /** What is another's by now is stored before it is let go. */
  async #giveUp(): Promise<void> {
    const { member, lanes } = this.#parts;
    for (const id of lanes.ids) if (member.isMember && !member.assigned.has(id)) lanes.revoke(id);
    const ids = lanes.givenUp;
    if (ids.length === 0) return;
    await this.#store();
    for (const id of ids) lanes.drop(id);
    await this.#say();
    this.#changed();
  }

  /** What is its again before it was given up is kept. */
  async #take(): Promise<void> {
    const { member, lanes, begins, line, group, places } = this.#parts;
    const given = [...member.assigned].filter((id) => !lanes.has(id));
    for (const id of member.assigned) lanes.keep(id);
    const named = given.map((id) => ({ id, topic: places.at(id).topic.name, partition: places.at(id).partition }));
    const committed = given.length === 0 ? [] : await committedOf(line, group, named);
    const begun = [];
    for (const { id, topic, partition } of named) {
      const offset = committed.find((each) => each.topic === topic && each.partition === partition)?.offset ?? null;
      const range = await begins.locate(id, offset);
      lanes.add(range, offset);
      begun.push(range);
    }
    if (given.length > 0) await this.#say();
    const seen = await this.#ask();
    if (seen === null) return;
    this.#seen = seen;
    this.journal.saw(member.memberId, { ...seen, assigned: this.#mine }, begun, () => seen.departures);
  }

  /** Whether the group has changed since it was taken up. */
  async #look(): Promise<void> {
    if (!this.#parts.member.isMember || this.#isStale) return;
    const seen = await this.#ask();
    if (seen?.version !== this.#seen?.version) this.#changed();
  }

  #ask(): Promise<SeenGroup | null> {
    const { line, group, member } = this.#parts;
    return line.call('membership', { group, memberId: member.memberId }, { signal: NEVER });
  }

  get #mine() {
    const { member, places } = this.#parts;
    return [...member.assigned]
      .map((id) => ({ topic: places.at(id).topic.name, partition: places.at(id).partition }))
      .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
  }

  async #store(): Promise<void> {
    const { line, member, lanes, places } = this.#parts;
    const unstored = lanes.unstored;
    if (unstored.length === 0 || !member.isMember) return;
    const offsets = unstored.map(({ id, offset }): PartitionOffset => {
      const { topic, partition } = places.at(id);
      return { topic: topic.name, partition, offset };
    });
    try {
      const lost = await commitAs(line, member.metadata, offsets);
      for (const [i, { id, offset }] of unstored.entries()) {
        const { topic, partition } = offsets[i] as PartitionOffset;
        if (lost.some((each) => each.topic === topic && each.partition === partition)) lanes.drop(id);
        else lanes.stored(id, offset);
      }
    } catch (error) {
      if (!(error instanceof BrokerError) || error.code !== 'UNKNOWN_MEMBER_ID') throw error;
      member.fence();
      this.#fenced();
    }
  }

  /** It was taken for dead: what it had is read by others, from what it had committed. */
  #fenced(): void {
    const { lanes } = this.#parts;
    if (this.#seen !== undefined) this.journal.fenced(lanes.ranges);
    for (const id of lanes.ids) lanes.drop(id);
    this.#seen = undefined;
    this.#changed();
  }

  #changed(): void {
    this.#isStale = true;
    this.#parts.onChange();
  }
}
