import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readHeader, setBaseOffset, splitBatches } from '../../src/record/batch.ts';
import { readMarker } from '../../src/record/control.ts';
import { openTestBroker, TestClock } from '../support/test-broker.ts';
import { give, refOf, seen } from './txn-scene.ts';

const golden = join(import.meta.dirname, '../golden');

/** Two transactional producers and an idempotent one, as they came to a real Kafka: what they sent is sent, what Kafka wrote is not. */
it('what clients do leaves the log that it left in Kafka, byte for byte, and shows what Kafka showed', () => {
  const clock = new TestClock();
  const broker = openTestBroker({ clock });
  broker.createTopics([{ name: 't', configs: { 'retention.ms': '-1' } }]);
  // Kafka gives the id 0, and beck does not; here it must, for the same bytes.
  broker.store.prepare('UPDATE producer_counter SET next = 0').run();
  const [partition] = broker.topic('t').partitions;
  const id = partition?.id ?? -1;
  const producers = ['x', 'y', null].map((transactionalId) =>
    refOf(`${transactionalId}`, broker.transactions.init({ transactionalId, timeoutMs: 60_000 })),
  );
  const stored = splitBatches(readFileSync(join(golden, 'transactions.log')));
  for (const blob of stored) {
    const { control, transactional, maxTimestamp, producerId } = readHeader(blob);
    const me = producers[producerId] as (typeof producers)[number];
    clock.time = maxTimestamp;
    if (control) broker.transactions.end(me, readMarker(blob).commit);
    else {
      if (transactional) broker.transactions.addPartitions(me, [id]);
      const sent = Buffer.from(blob);
      setBaseOffset(sent, 0);
      expect(give(broker, sent, { origin: 'client' })).toMatchObject({ baseOffset: readHeader(blob).baseOffset });
    }
  }
  const rows = broker.rows.batches(id, 0, Number.MAX_SAFE_INTEGER, 100);
  expect(rows.map(({ seq }) => broker.rows.data(seq)?.toString('hex'))).toEqual(
    stored.map((blob) => blob.toString('hex')),
  );
  const shown = readFileSync(join(golden, 'transactions.committed.jsonl'), 'utf8').trim().split('\n');
  expect(seen(broker)).toEqual(shown.map((line) => (JSON.parse(line) as { value: string }).value));
});
