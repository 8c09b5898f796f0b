import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EmbeddedReader } from '../../src/client/embedded/reader.ts';
import { readHeader, splitBatches } from '../../src/record/batch.ts';
import { decodeBatch } from '../../src/record/cursor.ts';
import type { Isolation } from '../../src/types.ts';
import { openTestBroker } from '../support/test-broker.ts';

const golden = join(import.meta.dirname, '../golden');

/** What a real Kafka stored is appended as a leader would; readers must see what a real consumer saw. */
it.each<[Isolation, string]>([
  ['read_uncommitted', 'transactions.uncommitted.jsonl'],
  ['read_committed', 'transactions.committed.jsonl'],
])('%s shows %s', async (isolation, file) => {
  const broker = openTestBroker();
  broker.createTopics([{ name: 'transactions', configs: { 'retention.ms': '-1' } }]);
  const batches = splitBatches(readFileSync(join(golden, 'transactions.log')));
  broker.append(
    'transactions',
    batches.map((blob) => ({ partition: 0, blob: Buffer.from(blob) })),
    'coordinator',
    'normal',
  );
  const reader = new EmbeddedReader(broker, {
    topics: { names: ['transactions'] },
    from: { at: 'start' },
    follow: false,
    isolation,
  });
  const records = (await reader.next()).flatMap(({ blob }) => decodeBatch(blob));
  const expected = readFileSync(join(golden, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { offset: number; value: string });
  expect(records.map(({ offset, value }) => ({ offset, value: String(value) }))).toEqual(
    expected.map(({ offset, value }) => ({ offset, value })),
  );
});

it('an ongoing transaction holds committed readers back at its first offset, until its marker comes', async () => {
  const broker = openTestBroker();
  broker.createTopics([{ name: 't' }]);
  const batches = splitBatches(readFileSync(join(golden, 'transactions.log'))).map((blob) => Buffer.from(blob));
  const begins = batches.findIndex((blob) => readHeader(blob).transactional);
  const ends = batches.findIndex((blob) => readHeader(blob).control);
  const give = (from: number, to: number) =>
    broker.append(
      't',
      batches.slice(from, to).map((blob) => ({ partition: 0, blob })),
      'coordinator',
      'normal',
    );
  const seen = async (isolation: Isolation) => {
    const reader = new EmbeddedReader(broker, {
      topics: { names: ['t'] },
      from: { at: 'start' },
      follow: false,
      isolation,
    });
    return (await reader.next()).length;
  };
  give(0, begins + 1);
  expect([await seen('read_uncommitted'), await seen('read_committed')]).toEqual([begins + 1, begins]);
  give(begins + 1, ends);
  expect(await seen('read_committed')).toBe(begins);
  give(ends, batches.length);
  expect(await seen('read_committed')).toBeGreaterThan(begins);
});
