import { expect, onTestFinished } from 'vitest';
import { checkLog, type LogProblem } from '../../src/log/check/check.ts';
import { Compaction, type CompactionOptions } from '../../src/log/compaction/compaction.ts';
import { appendBatch } from '../../src/log/log.ts';
import { planRetention } from '../../src/log/retention.ts';
import { LogRows, type PartitionRow } from '../../src/log/rows.ts';
import { Trim, type TrimSlice } from '../../src/log/trim.ts';
import { ATTRIBUTE } from '../../src/record/batch.ts';
import { BatchBuilder } from '../../src/record/builder.ts';
import { encodeMarker } from '../../src/record/control.ts';
import { decodeBatch } from '../../src/record/cursor.ts';
import { Store } from '../../src/store/store.ts';
import type { Codec, LogConfig } from '../../src/types.ts';

export const NOW = 1_700_000_000_000;

const CONFIG: LogConfig = {
  cleanupPolicy: ['delete'],
  compressionType: 'producer',
  maxMessageBytes: 1 << 20,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
  messageTimestampAfterMaxMs: Number.MAX_SAFE_INTEGER,
  retentionMs: -1,
  retentionBytes: -1,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  minCleanableDirtyRatio: 0.5,
  deleteRetentionMs: 1000,
};

export const config = (changes: Partial<LogConfig>): LogConfig => ({ ...CONFIG, ...changes });
export const COMPACT = config({ cleanupPolicy: ['compact'] });

/** Who asks about transactions here is wrong. */
const NOBODY = { admit: () => expect.unreachable('a batch of the coordinator is asked about') };

export interface TestRecord {
  readonly key?: string | null;
  readonly value?: string | null;
  readonly at?: number;
}

/** A record as a reader sees it. */
export interface SeenRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly at: number;
}

export interface TransactionOf {
  readonly producerId: number;
  readonly sequence: number;
}

/** One partition in memory, with what the room does to it. It is checked when the test ends. */
export class TestLog {
  readonly store: Store;
  readonly rows: LogRows;
  readonly id: number;

  constructor(store = Store.nowhere(), topic = 't') {
    this.store = store;
    this.rows = new LogRows(store);
    this.id = addPartition(store, topic);
  }

  get partition(): PartitionRow {
    return this.rows.partition(this.id) as PartitionRow;
  }

  append(records: readonly TestRecord[], codec: Codec = 'none', transaction?: TransactionOf): number {
    const builder = new BatchBuilder({ codec });
    for (const { key = 'k', value = 'v', at = NOW } of records) builder.append(bytes(key), bytes(value), [], at);
    const { producerId = -1, sequence: baseSequence = -1 } = transaction ?? {};
    return this.appendBlob(
      builder.finish({
        producerId,
        producerEpoch: producerId < 0 ? -1 : 0,
        baseSequence,
        transactional: transaction !== undefined,
      }),
    );
  }

  /** Ends a transaction. */
  mark(producerId: number, commit: boolean, timestamp = NOW): number {
    return this.appendBlob(encodeMarker({ producerId, producerEpoch: 0, commit, coordinatorEpoch: 0, timestamp }));
  }

  appendBlob(blob: Buffer): number {
    const append = { topic: 't', config: CONFIG, origin: 'coordinator', now: NOW, transactions: NOBODY } as const;
    const write = () => appendBatch(this.rows, this.partition, blob, append);
    return this.store.write(write, 'normal').baseOffset;
  }

  /** Puts a batch where it says it belongs, as a leader's log segment does. */
  place(blob: Buffer, compactedTo: number): void {
    const at = blob.readUIntBE(2, 6);
    const { logStart } = this.partition;
    this.store
      .prepare('UPDATE partition SET next_offset = ?, log_start = ?, compacted_to = ? WHERE id = ?')
      .run(at, this.partition.bytes === 0 ? at : logStart, compactedTo, this.id);
    this.appendBlob(Buffer.from(blob));
  }

  trim(newStart: number, slice?: TrimSlice): Trim {
    const trim = new Trim(this.rows, this.id, newStart, slice);
    while (this.store.write(() => trim.step(), 'normal'));
    return trim;
  }

  /** What time and size take; answers the plans. */
  retain(by: LogConfig, now: number): ReturnType<typeof planRetention> {
    const plans = planRetention(this.rows, this.partition, by, now);
    for (const { newStart, records, bytes } of plans) {
      const trim = this.trim(newStart);
      expect({ records: trim.records, bytes: trim.bytes }).toEqual({ records, bytes });
    }
    return plans;
  }

  /** Compacts, at most so many steps. */
  compact(by: LogConfig, now: number, options: CompactionOptions = {}, steps = Number.MAX_SAFE_INTEGER): Compaction {
    const compaction = new Compaction(this.rows, this.id, by, now, options);
    for (let step = 0; step < steps && compaction.next !== 'done'; step++) this.step(compaction);
    return compaction;
  }

  step(compaction: Compaction): void {
    if (compaction.next === 'write') this.store.write(() => compaction.step(), 'normal');
    else this.store.read(() => compaction.step());
  }

  /** What a reader of committed records sees from the log start on. */
  seen(): SeenRecord[] {
    const { logStart } = this.partition;
    return this.rows.batches(this.id, 0, Number.MAX_SAFE_INTEGER, 1e9).flatMap((row) => {
      if (
        (row.attributes & ATTRIBUTE.control) !== 0 ||
        this.rows.producers.isAborted(this.id, row.base, row.producerId)
      )
        return [];
      const records = decodeBatch(this.rows.data(row.seq) as Buffer).filter(({ offset }) => offset >= logStart);
      return records.map(({ offset, key, value, timestamp }) => ({
        offset,
        key: text(key),
        value: text(value),
        at: timestamp,
      }));
    });
  }

  offsets(): number[] {
    return this.seen().map(({ offset }) => offset);
  }

  check(): readonly LogProblem[] {
    return checkAll(this.store);
  }
}

/** A log whose file is found in order when the test ends. */
export function testLog(store?: Store): TestLog {
  const log = new TestLog(store);
  onTestFinished(() => {
    expect(log.check()).toEqual([]);
    log.store.close();
  });
  return log;
}

export function checkAll(store: Store): readonly LogProblem[] {
  const check = checkLog(store);
  for (;;) {
    const { done, value } = check.next();
    if (done === true) return value.problems;
  }
}

export function addPartition(store: Store, topic: string): number {
  return store.write(() => {
    const insert = store.prepare(
      'INSERT INTO topic (uuid, name, created) VALUES (randomblob(16), ?, 0) ON CONFLICT DO NOTHING',
    );
    insert.run(topic);
    const { id, partitions } = store
      .prepare(
        'SELECT id, (SELECT count(*) FROM partition WHERE topic = t.id) AS partitions FROM topic t WHERE name = ?',
      )
      .get(topic) as {
      id: number;
      partitions: number;
    };
    return Number(
      store.prepare('INSERT INTO partition (topic, number) VALUES (?, ?)').run(id, partitions).lastInsertRowid,
    );
  });
}

function bytes(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text);
}

function text(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString();
}
