import { BrokerError } from '../../errors.ts';
import { offsetForTime, resolvePosition } from '../../log/offsets.ts';
import type { LogRows, PartitionRow } from '../../log/rows.ts';
import type { Topic } from '../../topic/topics.ts';
import type { Position } from '../../types.ts';
import type { Catalogue } from '../catalogue.ts';
import type { GroupView } from './describe.ts';
import type {
  OffsetNote,
  OffsetQuestion,
  OffsetScope,
  OffsetTarget,
  PlannedOffset,
  StoredOffset,
} from './offset-plan.ts';

/** A partition that the plan speaks of. */
interface Place {
  readonly topic: string;
  readonly row: PartitionRow;
}

interface Wanted {
  /** Null: there is nothing to go by. */
  readonly offset: number | null;
  readonly metadata: string;
  readonly note: OffsetNote | null;
}

const NOTHING_THERE: Wanted = { offset: null, metadata: '', note: 'nothing-committed' };

/** Works out what a question about offsets comes to, and changes nothing. To be used inside the caller's `store.read`. */
export class OffsetPlanner {
  readonly #catalogue: Catalogue;
  readonly #rows: LogRows;
  readonly #view: GroupView;

  constructor({ catalogue, rows }: { readonly catalogue: Catalogue; readonly rows: LogRows }, view: GroupView) {
    this.#catalogue = catalogue;
    this.#rows = rows;
    this.#view = view;
  }

  /**
   * By topic and partition. `exists`: whether the group does; only where its own offsets say what is meant it must.
   * Throws GROUP_ID_NOT_FOUND, UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_PARTITION.
   */
  plan({ group, scope, to }: OffsetQuestion, exists: boolean): PlannedOffset[] {
    const given = this.#given(to);
    const isNeeded = exists || (scope === null && given === undefined);
    const committed = isNeeded ? this.#committedOf(group) : new Map<string, StoredOffset>();
    const all = given ?? committed;
    const places = scope === null ? this.#placesOf([...all.values()]) : this.#placesIn(scope);
    return places
      .map((place) =>
        this.#planned(place, to, { before: committed.get(keyOf(place)), given: given?.get(keyOf(place)) }),
      )
      .sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition));
  }

  /** The committed offsets of a scope, or all of them. Throws GROUP_ID_NOT_FOUND, UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_PARTITION. */
  committed(group: string, scope: readonly OffsetScope[] | null): StoredOffset[] {
    const stored = [...this.#committedOf(group).values()];
    if (scope === null) return stored;
    const asked = new Set(this.#placesIn(scope).map(keyOf));
    return stored.filter(({ topic, partition }) => asked.has(`${topic} ${partition}`));
  }

  /** Throws GROUP_ID_NOT_FOUND. */
  #committedOf(group: string): Map<string, StoredOffset> {
    const stored = this.#view.placesOf(group).flatMap(({ at: { topic, partition }, offset }) => {
      return offset === undefined ? [] : [{ topic, partition, offset: offset.offset, metadata: offset.metadata }];
    });
    return byPlace(stored);
  }

  /** The offsets that the target names by itself. */
  #given(to: OffsetTarget): Map<string, StoredOffset> | undefined {
    if (to.kind === 'offsets') return byPlace(to.offsets);
    return to.kind === 'group' ? this.#committedOf(to.group) : undefined;
  }

  #placesOf(offsets: readonly StoredOffset[]): Place[] {
    return offsets.map(({ topic, partition }) => this.#place(this.#catalogue.require(topic), partition));
  }

  #placesIn(scope: readonly OffsetScope[]): Place[] {
    return scope.flatMap(({ topic: name, partitions }) => {
      const topic = this.#catalogue.require(name);
      const numbers = partitions ?? topic.partitions.map(({ number }) => number);
      return numbers.map((number) => this.#place(topic, number));
    });
  }

  #place({ name, partitions }: Topic, number: number): Place {
    const row = this.#rows.partition(partitions[number]?.id ?? -1);
    if (row !== undefined) return { topic: name, row };
    throw new BrokerError('UNKNOWN_PARTITION', { topic: name, partition: number, count: partitions.length });
  }

  #planned(
    { topic, row }: Place,
    to: OffsetTarget,
    { before, given }: { before: StoredOffset | undefined; given: StoredOffset | undefined },
  ): PlannedOffset {
    const { number: partition, logStart: start, nextOffset: end } = row;
    const { offset, metadata, note } = this.#wanted(row, to, before, given);
    const after = offset === null ? null : Math.min(end, Math.max(start, offset));
    const bounded = after === offset ? note : after === start ? 'below-start' : 'above-end';
    return { topic, partition, before: before?.offset ?? null, after, metadata, start, end, note: bounded };
  }

  #wanted(
    row: PartitionRow,
    to: OffsetTarget,
    before: StoredOffset | undefined,
    given: StoredOffset | undefined,
  ): Wanted {
    if (to.kind === 'position') return { ...this.#at(row, to.position), metadata: '' };
    if (to.kind !== 'shift') return given === undefined ? NOTHING_THERE : { ...given, note: null };
    return before === undefined ? NOTHING_THERE : { offset: before.offset + to.by, metadata: '', note: null };
  }

  #at(row: PartitionRow, position: Position): Omit<Wanted, 'metadata'> {
    if (position.at !== 'time')
      return { offset: resolvePosition(this.#rows, row, position, row.nextOffset), note: null };
    const found = offsetForTime(this.#rows, row, position.timestamp);
    if (found !== undefined) return { offset: found.offset, note: null };
    const isEmpty = row.logStart === row.nextOffset;
    return { offset: row.nextOffset, note: isEmpty ? null : 'after-last' };
  }
}

function keyOf({ topic, row }: Place): string {
  return `${topic} ${row.number}`;
}

function byPlace(offsets: readonly StoredOffset[]): Map<string, StoredOffset> {
  return new Map(offsets.map((each) => [`${each.topic} ${each.partition}`, each]));
}
