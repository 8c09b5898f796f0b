import { expect, onTestFinished } from 'vitest';
import { Broker, type BrokerOptions } from '../../src/broker/broker.ts';
import { wholeCheck } from '../../src/broker/whole-check.ts';
import type { Clock } from '../../src/clock.ts';
import { BrokerError } from '../../src/errors.ts';
import type { Appended } from '../../src/log/log.ts';
import { BatchBuilder } from '../../src/record/builder.ts';
import type { Codec, Header } from '../../src/types.ts';
import { tempDir } from './temp-dir.ts';

/** A clock that stands until it is moved. */
export class TestClock implements Clock {
  time = 1_700_000_000_000;

  now(): number {
    return this.time;
  }
}

/** Opens a broker that is checked and closed when the test ends. */
export function openTestBroker(options: BrokerOptions & { dir?: string } = {}): Broker {
  const broker = Broker.open(options.dir ?? tempDir(), 'create', options);
  onTestFinished(() => {
    expect(check(broker)).toEqual([]);
    broker.close();
  });
  return broker;
}

/** The sentences of `beck check`; none where all is well. */
export function check(broker: Broker): string[] {
  const steps = wholeCheck(broker.store);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value.problems.map(({ what }) => what);
  }
}

export interface TestRecord {
  readonly key?: string | Buffer | null;
  readonly value?: string | Buffer | null;
  readonly headers?: readonly Header[];
  readonly timestamp?: number;
}

export function batchOf(records: readonly TestRecord[], codec: Codec = 'none', now = 1_700_000_000_000): Buffer {
  const builder = new BatchBuilder({ codec });
  for (const { key = null, value = null, headers = [], timestamp = now } of records)
    builder.append(bytes(key), bytes(value), headers, timestamp);
  return builder.finish();
}

function bytes(text: string | Buffer | null): Buffer | null {
  return typeof text === 'string' ? Buffer.from(text) : text;
}

/** Appends one batch and answers where it landed; a refusal is thrown. */
export function append(broker: Broker, topic: string, partition: number, records: readonly TestRecord[]): Appended {
  const [result] = broker.append(topic, [{ partition, blob: batchOf(records) }], 'producer', 'normal');
  if (result === undefined || result instanceof BrokerError) throw result ?? new Error('no answer');
  return result;
}
