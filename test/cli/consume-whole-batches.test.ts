/** Whatever is asked for, a printer that takes whole batches and one that takes each record end alike. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ConsumeSession } from '../../src/cli/consume/session.ts';
import type { Writer } from '../../src/cli/io.ts';
import { openOutput } from '../../src/cli/output/index.ts';
import type { RecordPrinter } from '../../src/cli/output/printer.ts';
import type { GroupReader, ReadBatch } from '../../src/client/cluster.ts';
import { BrokerError } from '../../src/errors.ts';
import { BATCH_OVERHEAD, readHeader, setBaseOffset } from '../../src/record/batch.ts';
import { BatchBuilder } from '../../src/record/builder.ts';
import { withLogAppendTime } from '../../src/record/rewrite.ts';
import { CODECS, type Codec, type StoredRecord } from '../../src/types.ts';
import { plainRecords, records } from '../record/arbitraries.ts';

const PARTITIONS = [0, 1] as const;

function mostly<T>(usual: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));
}

/** One batch, and how much of it is asked for. */
const given = fc.record({
  records: fc.oneof({ weight: 9, arbitrary: plainRecords }, records),
  codec: mostly<Codec>('none', ...CODECS),
  partition: fc.constantFrom(...PARTITIONS),
  isLogAppendTime: fc.boolean(),
  isCutAtStart: mostly(0, 1, 5),
  isCutAtEnd: mostly(0, 1, 5),
  isDamaged: mostly(false, true),
});

const asked = fc.record({
  delimiter: fc.constantFrom('\n', '\n', '', '\0', '1234567', '12345678'),
  nullValue: fc.constantFrom(null, 'NULL'),
  limit: fc.option(fc.nat(300), { freq: 2, nil: undefined }),
  skip: mostly(0, 3, 150),
  /** Bytes that stdout takes before its reader leaves. */
  taken: fc.option(fc.nat(5000), { freq: 2, nil: Number.POSITIVE_INFINITY }),
  isMember: fc.boolean(),
  atMostOnce: mostly(false, true),
  hasFilter: mostly(false, true),
  inOneGo: fc.boolean(),
});

type Given = typeof given extends fc.Arbitrary<infer T> ? T : never;
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

function blobOf({ records: list, codec, isLogAppendTime, isDamaged }: Given): Buffer {
  const builder = new BatchBuilder({ codec });
  for (const { key, value, headers, timestamp, offset } of list as StoredRecord[])
    builder.append(key, value, headers, timestamp, offset);
  const blob = isLogAppendTime ? withLogAppendTime(builder.finish(), 1_800_000_000_000) : builder.finish();
  if (isDamaged && blob.length > BATCH_OVERHEAD + 40) blob[BATCH_OVERHEAD + 40] = 0x7f;
  return blob;
}

function batchesOf(list: readonly Given[]): ReadBatch[] {
  const next = new Map<number, number>();
  return list.map((each, seq) => {
    const blob = blobOf(each);
    const base = next.get(each.partition) ?? 0;
    setBaseOffset(blob, base);
    const end = readHeader(blob).lastOffset + 1;
    next.set(each.partition, end);
    const from = base + each.isCutAtStart;
    return { topic: 't', partition: each.partition, seq, blob, from, until: Math.max(from, end - each.isCutAtEnd) };
  });
}

/** A pipe whose reader leaves after so many bytes, in the midst of a write. */
class Pipe implements Writer {
  readonly isTTY = false;
  readonly columns = undefined;
  readonly rows = undefined;
  readonly gaveUp = false;
  readonly chunks: Buffer[] = [];
  readonly #gone = new AbortController();
  #left: number;

  constructor(takes: number) {
    this.#left = takes;
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  async write(chunk: Uint8Array): Promise<number> {
    const taken = Buffer.from(chunk.subarray(0, Math.min(chunk.length, this.#left)));
    this.chunks.push(taken);
    this.#left -= taken.length;
    if (taken.length < chunk.length) this.#gone.abort();
    return taken.length;
  }

  watchReader(): void {}
}

function readerOf(batches: ReadBatch[], { skip, inOneGo }: Asked, told: string[]): GroupReader {
  const range = { topic: 't', start: 0, end: null, logStart: 0, highWatermark: 9, lastStable: 9, heldBack: 0, lost: 0 };
  const done = new Map<number, number>();
  return {
    memberName: 'm',
    metadata: { group: 'g', memberId: 'm' },
    committed: () => undefined,
    attend: async () => undefined,
    again: () => undefined,
    ranges: PARTITIONS.map((partition) => ({ ...range, partition })),
    get ended() {
      return batches.length === 0;
    },
    next: async () => batches.splice(0, inOneGo ? batches.length : 1),
    tail: async () => skip,
    wait: async () => undefined,
    heldBack: async () => [],
    close: () => undefined,
    news: () => [],
    take: () => true,
    done: (_, partition, next) => {
      done.set(partition, next);
      told.push(`${partition} ${next}`);
    },
    commit: async () => [...done].map(([partition, offset]) => ({ topic: 't', partition, offset })),
    leave: async () => [],
  };
}

/** All that can be seen of a session: what went out, what a group was told, how it ended. */
async function run(list: readonly Given[], wanted: Asked, change: (printer: RecordPrinter) => RecordPrinter) {
  const told: string[] = [];
  const stdout = new Pipe(wanted.taken);
  const reader = readerOf(batchesOf(list), wanted, told);
  const { delimiter, nullValue, limit, isMember, atMostOnce } = wanted;
  const printer = change(
    openOutput('value', {
      delimiter: Buffer.from(delimiter),
      nullValue: nullValue === null ? null : Buffer.from(nullValue),
      terminal: stdout,
      manyTopics: false,
    }),
  );
  const session = new ConsumeSession({
    reader,
    printer,
    stdout,
    interrupt: new AbortController().signal,
    limit,
    ...(wanted.skip > 0 ? { tail: 1000 } : {}),
    ...(isMember ? { member: reader, atMostOnce } : {}),
    ...(wanted.hasFilter ? { filter: ({ offset }: { offset: number }) => offset % 3 !== 0 } : {}),
  });
  const ended = await session.run().catch((error: unknown) => {
    if (!(error instanceof BrokerError)) throw error;
    return error.message;
  });
  return { ended, told, text: Buffer.concat(stdout.chunks).toString('latin1') };
}

it('prints the same bytes, tells its group the same and ends the same', async () => {
  let whole = 0;
  const counting = (printer: RecordPrinter): RecordPrinter => ({
    begin: (out) => printer.begin(out),
    write: (place, record, out) => printer.write(place, record, out),
    writeBatch: (batch, out, ends) => {
      const isWritten = printer.writeBatch?.(batch, out, ends) === true;
      if (isWritten) whole++;
      return isWritten;
    },
    flush: (out) => printer.flush(out),
    end: (out) => printer.end(out),
  });
  const each = (printer: RecordPrinter): RecordPrinter => ({
    begin: (out) => printer.begin(out),
    write: (place, record, out) => printer.write(place, record, out),
    flush: (out) => printer.flush(out),
    end: (out) => printer.end(out),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(given, { maxLength: 8 }), asked, async (list, wanted) => {
      expect(await run(list, wanted, counting)).toEqual(await run(list, wanted, each));
    }),
    { numRuns: 1000 },
  );
  expect(whole).toBeGreaterThan(100);
});
