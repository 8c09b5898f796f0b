import { records as recordsOf } from '../../../src/cli/pipe/piped-batch.ts';
import type { GivenPipe } from '../../../src/cli/pipe/plan.ts';
import type { ReadBatch } from '../../../src/client/cluster.ts';
import { encodeBatch } from '../../../src/record/builder.ts';
import type { Codec } from '../../../src/types.ts';

/** The flags of a pipe where none is given, in a group of its own. */
export const PIPE_FLAGS: GivenPipe = {
  group: 'g',
  once: false,
  from: 'start',
  batch: 10_000,
  'on-error': 'stop',
  output: 'value',
  input: 'value',
  compress: 'none',
  create: false,
  tombstone: false,
  null: false,
  whole: false,
  crlf: false,
};

const TIME = 1_700_000_000_000;
let seq = 0;

/** A batch of the log with records at these offsets, whose values are their offsets. */
export function piece(at: readonly number[], more: Partial<ReadBatch> & { codec?: Codec } = {}): ReadBatch {
  const { codec, ...rest } = more;
  const from = at[0] as number;
  const last = at.at(-1) as number;
  const all = at.map((offset) => {
    const text = Buffer.from(`${offset}`);
    return { offset, timestamp: TIME, key: text, value: text, headers: [] };
  });
  const fields = {
    baseOffset: from,
    leaderEpoch: 0,
    attributes: 0,
    lastOffsetDelta: last - from,
    baseTimestamp: TIME,
    maxTimestamp: TIME,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    count: at.length,
  };
  const blob = encodeBatch(all, fields, codec);
  return { topic: 't', partition: 0, tenure: 0, seq: seq++, blob, from, until: last + 1, ...rest };
}

/** `from`, `from + 1`, … */
export function offsets(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}

/** The offsets of the records that are meant. */
export function offsetsOf(pieces: readonly ReadBatch[]): number[] {
  const found: number[] = [];
  for (const each of pieces) for (const { offset } of recordsOf(each)) found.push(offset);
  return found;
}
