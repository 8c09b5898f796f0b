import { expect, it } from 'vitest';
import { ATTRIBUTE } from '../../src/record/batch.ts';
import { decodeBatch } from '../../src/record/cursor.ts';
import { CODECS } from '../../src/types.ts';
import { config, NOW, type SeenRecord, TestLog, type TestRecord } from './test-log.ts';

/**
 * A partition beside a naive array of records: whatever is appended, lost and cut short, both must show the same records
 * under the same offsets, and the file must be in order after every operation (L1–L9).
 */
interface ModelRecord extends SeenRecord {
  readonly transaction: ModelTransaction | null;
}

interface ModelTransaction {
  state: 'open' | 'committed' | 'aborted';
}

interface ModelBatch {
  readonly base: number;
  readonly last: number;
  readonly bytes: number;
  readonly control: boolean;
  records: ModelRecord[];
  horizon: number | null;
}

const DELETE_RETENTION = 40;
const POLICY = config({ cleanupPolicy: ['compact', 'delete'], deleteRetentionMs: DELETE_RETENTION });

class Model {
  batches: ModelBatch[] = [];
  logStart = 0;
  end = 0;

  add(records: readonly TestRecord[], transaction: ModelTransaction | null): void {
    const base = this.end;
    this.end += records.length;
    const list = records.map(({ key = null, value = null, at = 0 }, i) => ({
      offset: base + i,
      key,
      value,
      at,
      transaction,
    }));
    this.batches.push({ base, last: this.end - 1, bytes: 0, control: false, records: list, horizon: null });
  }

  mark(): void {
    this.batches.push({ base: this.end, last: this.end, bytes: 0, control: true, records: [], horizon: null });
    this.end++;
  }

  get stable(): number {
    const open = this.all().find(({ transaction }) => transaction?.state === 'open');
    return open?.offset ?? this.end;
  }

  all(): ModelRecord[] {
    return this.batches.flatMap(({ records }) => records);
  }

  visible(): SeenRecord[] {
    return this.all()
      .filter(({ offset }) => offset >= this.logStart)
      .map(({ offset, key, value, at }) => ({ offset, key, value, at }));
  }

  trim(to: number): void {
    this.logStart = Math.max(this.logStart, to);
    this.batches = this.batches.filter(({ last }) => last >= this.logStart);
  }

  /** The first offset that is not older. `markers`: the times of those that are still there. */
  expire(cutoff: number, markers: ReadonlyMap<number, number>): number {
    const times = this.batches.flatMap(({ control, base, records }) =>
      control ? [{ offset: base, at: markers.get(base) ?? -1 }] : records,
    );
    const kept = times.find(({ offset, at }) => offset >= this.logStart && at >= cutoff);
    return Math.min(kept?.offset ?? this.end, this.stable);
  }

  compact(now: number, until: number): void {
    const latest = new Map<string | null, number>();
    for (const record of this.all()) {
      if (record.offset >= this.logStart && record.offset < until && record.transaction?.state !== 'aborted')
        latest.set(record.key, record.offset);
    }
    for (const batch of this.batches) if (!batch.control && batch.base < until) compactOne(batch, latest, now);
    this.batches = this.batches.filter(({ control, records }) => control || records.length > 0);
  }
}

function compactOne(batch: ModelBatch, latest: ReadonlyMap<string | null, number>, now: number): void {
  const passed = batch.horizon !== null && batch.horizon <= now;
  batch.records = batch.records.filter(
    ({ key, value, offset, transaction }) =>
      key !== null &&
      transaction?.state !== 'aborted' &&
      (latest.get(key) ?? -1) <= offset &&
      !(value === null && passed),
  );
  if (batch.records.some(({ value }) => value === null)) batch.horizon ??= now + DELETE_RETENTION;
}

/** What every reader could see, aborted records too. */
function raw(log: TestLog): SeenRecord[] {
  const data = log.rows
    .batches(log.id, 0, Number.MAX_SAFE_INTEGER, 1e9)
    .filter(({ attributes }) => (attributes & ATTRIBUTE.control) === 0);
  const records = data.flatMap(({ seq }) => decodeBatch(log.rows.data(seq) as Buffer));
  return records
    .filter(({ offset }) => offset >= log.partition.logStart)
    .map(({ offset, key, value, timestamp }) => ({
      offset,
      key: key === null ? null : `${key}`,
      value: value === null ? null : `${value}`,
      at: timestamp,
    }));
}

/** mulberry32: a small generator that a seed starts anew. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

class Run {
  readonly log = new TestLog();
  readonly model = new Model();
  readonly random: (below: number) => number;
  readonly open = new Map<number, ModelTransaction>();
  now = NOW;
  sequence = 0;

  constructor(seed: number) {
    this.random = randomFrom(seed);
  }

  append(): void {
    const records = Array.from({ length: 1 + this.random(5) }, () => ({
      key: this.random(20) === 0 ? null : 'k'.repeat(1 + 20 * this.random(2)) + this.random(8),
      value: this.random(4) === 0 ? null : `v${this.random(1000)}`,
      at: this.now - 50 + this.random(60) + (this.random(60) === 0 ? 100_000 : 0),
    }));
    const producerId = this.random(4) === 0 ? this.random(3) : -1;
    const transaction = producerId < 0 ? null : (this.open.get(producerId) ?? { state: 'open' });
    if (transaction !== null) this.open.set(producerId, transaction);
    const codec = CODECS[this.random(3)] ?? 'none';
    this.log.append(records, codec, transaction === null ? undefined : { producerId, sequence: this.sequence++ });
    this.model.add(records, transaction);
  }

  end(): void {
    const [producerId] = this.open.keys();
    if (producerId === undefined) return;
    const commit = this.random(2) === 0;
    (this.open.get(producerId) as ModelTransaction).state = commit ? 'committed' : 'aborted';
    this.open.delete(producerId);
    this.log.mark(producerId, commit, this.now);
    this.model.mark();
  }

  trim(): void {
    const { logStart, nextOffset } = this.log.partition;
    const to = Math.min(this.model.stable, logStart + this.random(Math.max(1, Math.ceil((nextOffset - logStart) / 4))));
    this.log.trim(to, { batches: 2, bytes: 1 << 20 });
    this.model.trim(to);
  }

  expire(): void {
    const retentionMs = 60 + this.random(200);
    const rows = this.log.rows.batches(this.log.id, 0, Number.MAX_SAFE_INTEGER, 1e9);
    const markers = rows
      .filter(({ records }) => records === 0)
      .map(({ base, maxTimestamp }) => [base, maxTimestamp] as const);
    const newStart = this.model.expire(this.now - retentionMs, new Map(markers));
    const before = raw(this.log).length;
    const plans = this.log.retain({ ...POLICY, retentionMs }, this.now);
    expect(plans.reduce((sum, { records }) => sum + records, 0)).toBe(before - raw(this.log).length);
    this.model.trim(newStart);
    expect(raw(this.log)).toEqual(this.model.visible());
    this.model.trim(this.log.partition.logStart);
  }

  /** Some compactions are dropped after a few steps, and begun anew; some have appends between their steps. */
  compact(): void {
    const options = { sliceBytes: 1 + this.random(400), maxKeys: 1 + this.random(12) };
    const stable = this.model.stable;
    const dropAfter = this.random(3) === 0 ? this.random(8) : 0;
    this.log.compact(POLICY, this.now, options, dropAfter);
    expect(this.log.check()).toEqual([]);
    const compaction = this.log.compact(POLICY, this.now, options, 1);
    while (compaction.next !== 'done') {
      if (this.random(5) === 0) this.append();
      this.log.step(compaction);
    }
    this.model.compact(this.now, stable);
  }

  step(): void {
    const what = this.random(20);
    this.now += this.random(15);
    if (what < 11) this.append();
    else if (what < 14) this.end();
    else if (what < 15) this.trim();
    else if (what < 17) this.expire();
    else this.compact();
    expect(raw(this.log)).toEqual(this.model.visible());
    expect(this.log.partition).toMatchObject({ nextOffset: this.model.end, records: this.model.visible().length });
    expect(this.log.check()).toEqual([]);
  }
}

const SEEDS = Array.from({ length: 20 }, (_, i) => Number(process.env['BECK_TEST_SEED'] ?? 20_261_121) + i);

it.each(SEEDS)('a partition shows what a naive list of records shows (seed %i)', (seed) => {
  const run = new Run(seed);
  for (let step = 0; step < 80; step++) run.step();
  run.log.store.close();
});
