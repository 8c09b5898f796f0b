/** One data directory in the kill storm, and what must be in it, whatever was killed there. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import type { PartitionRow } from '../../src/log/rows.ts';
import { decodeBatch } from '../../src/record/cursor.ts';
import { append, batchOf, check } from '../support/test-broker.ts';

interface Seen {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string;
}

/** What a directory holds: by partition, the records from the log start on. */
type Contents = ReadonlyMap<string, { readonly row: PartitionRow; readonly records: readonly Seen[] }>;

/** Ten years (ms): nothing goes by itself. */
const RETENTION = 3650 * 86_400_000;
const TIME = 1_700_000_000_000;

/** Topics: `acked` is produced into, `old` retained and trimmed, `keyed` compacted, `churn` deleted and made again. */
export class Life {
  readonly dir: string;
  /** What was said to be stored: `PARTITION OFFSET` → value. */
  readonly #acknowledged = new Map<string, string>();
  /** The value of each record that was ever given to `old`, by offset. */
  readonly #old: string[] = [];
  readonly #latest = new Map<string, string>();
  #churned = 0;

  constructor(dir: string) {
    this.dir = dir;
    this.#with(Broker.open(dir, 'create'), (broker) => {
      broker.createTopics([
        { name: 'acked', partitions: 3, configs: { 'retention.ms': '-1' } },
        { name: 'old', partitions: 1, configs: { 'retention.ms': `${RETENTION}` } },
        { name: 'keyed', partitions: 1, configs: { 'cleanup.policy': 'compact', 'delete.retention.ms': '0' } },
      ]);
    });
    this.refill();
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** A time (ms) at which some of `old` is over its retention. */
  timeWithin(fraction: number): number {
    return TIME + Math.floor(this.#old.length * fraction) + RETENTION;
  }

  offsetWithin(fraction: number): number {
    return Math.floor(this.#old.length * fraction);
  }

  /** More to lose: records in `old` and `keyed`, and a `churn` topic. */
  refill(): void {
    this.#with(Broker.open(this.dir, 'create'), (broker) => {
      const batches = Array.from({ length: 300 }, () => batchOf(this.#moreOld()));
      broker.append(
        'old',
        batches.map((blob) => ({ partition: 0, blob })),
        'producer',
        'normal',
      );
      for (let i = 0; i < 60; i++) append(broker, 'keyed', 0, this.#moreKeyed(i));
      const names = [`churn-${++this.#churned}`];
      broker.createTopics(names.map((name) => ({ name, partitions: 2, configs: { 'retention.ms': '-1' } })));
      for (const partition of [0, 1])
        append(
          broker,
          this.churn,
          partition,
          Array.from({ length: 50 }, (_, i) => ({ value: `${i} ${'.'.repeat(3000)}` })),
        );
    });
  }

  get churn(): string {
    return `churn-${this.#churned}`;
  }

  #moreOld(): { value: string; timestamp: number }[] {
    return Array.from({ length: 3 }, () => {
      const value = `old ${this.#old.length} ${'.'.repeat(this.#old.length % 90)}`;
      return { value, timestamp: TIME + this.#old.push(value) };
    });
  }

  #moreKeyed(i: number): { key: string; value: string }[] {
    return Array.from({ length: 4 }, (_, part) => {
      const [key, value] = [`${(i * 7 + part) % 40}`, `${this.#latest.size} ${i} ${part} ${Math.random()}`];
      this.#latest.set(key, value);
      return { key, value };
    });
  }

  /** Takes note of `PARTITION OFFSET VALUE` lines. What comes after the last newline is half a line, and says nothing. */
  acknowledge(printed: string): void {
    for (const line of printed.split('\n').slice(0, -1)) {
      const [, place = '', value = ''] = /^(\d+ \d+) (.*)$/.exec(line) ?? [];
      expect(this.#acknowledged.has(place), `${place} was given out twice`).toBe(false);
      this.#acknowledged.set(place, value);
    }
  }

  /** Opens it as it was left, and holds it to all that was promised. */
  verify(): void {
    const contents = contentsOf(this.dir);
    for (const [name, { row, records }] of contents) expect(firstGap(row, records), `${name} is dense`).toBeUndefined();
    this.#verifyAcknowledged(contents);
    this.#verifyOld(contents);
    const keyed = new Map(contents.get('keyed 0')?.records.map(({ key, value }) => [key, value]));
    expect(keyed, 'the latest of each key').toEqual(this.#latest);
    for (const [name, { records }] of contents) if (name.startsWith('churn')) expect(records.length).toBe(50);
  }

  #verifyAcknowledged(contents: Contents): void {
    const stored = new Map<string, string>();
    for (const partition of [0, 1, 2])
      for (const { offset, value } of contents.get(`acked ${partition}`)?.records ?? [])
        stored.set(`${partition} ${offset}`, value);
    for (const [place, value] of this.#acknowledged)
      if (stored.get(place) !== value) expect([place, stored.get(place)]).toEqual([place, value]);
    expect(new Set(stored.values()).size, 'each record once').toBe(stored.size);
    for (const value of stored.values()) if (!/^\d+ \d+ \.*;$/.test(value)) expect.fail(`half a record: ${value}`);
  }

  #verifyOld(contents: Contents): void {
    const { row, records } = contents.get('old 0') ?? expect.fail('the topic is there');
    expect(row.nextOffset).toBe(this.#old.length);
    const values = records.map(({ value }) => value).join('\n');
    expect(values === this.#old.slice(row.logStart).join('\n'), 'what is left of the old').toBe(true);
  }

  #with(broker: Broker, work: (broker: Broker) => void): void {
    try {
      work(broker);
    } finally {
      broker.close();
    }
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A folder that a snapshot was to be made in: all of it or nothing of it. */
export function verifyCopy(dir: string): void {
  if (existsSync(join(dir, 'beck.db'))) expect(contentsOf(dir).has('old 0')).toBe(true);
  rmSync(dir, { recursive: true, force: true });
}

/** The first offset that is missing; below `compactedTo` some may be. */
function firstGap({ logStart, compactedTo, nextOffset }: PartitionRow, records: readonly Seen[]): number | undefined {
  let next = Math.max(logStart, compactedTo);
  for (const { offset } of records) {
    if (offset > next) return next;
    if (offset === next) next++;
  }
  return next === Math.max(nextOffset, logStart) ? undefined : next;
}

function contentsOf(dir: string): Contents {
  const broker = Broker.open(dir, 'existing');
  try {
    expect(check(broker)).toEqual([]);
    return broker.store.read(() => {
      const partitions = broker.catalogue.select().flatMap(({ name, partitions }) =>
        partitions.map(({ id, number }) => {
          const row = broker.rows.partition(id) as PartitionRow;
          const batches = broker.rows.batches(id, 0, Number.MAX_SAFE_INTEGER, 1e9);
          const records = batches.flatMap(({ seq }) => decodeBatch(broker.rows.data(seq) as Buffer));
          const seen = records
            .filter(({ offset }) => offset >= row.logStart)
            .map(({ offset, key, value }) => ({ offset, key: key?.toString() ?? null, value: `${value}` }));
          return [`${name} ${number}`, { row, records: seen }] as const;
        }),
      );
      return new Map(partitions);
    });
  } finally {
    broker.close();
  }
}
