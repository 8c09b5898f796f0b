/** What the flags of `pipe` ask for. */
import { describe, expect, it } from 'vitest';
import { OutputBuffer } from '../../../src/cli/output/output-buffer.ts';
import { Places } from '../../../src/cli/output/places.ts';
import type { PrintContext } from '../../../src/cli/output/printer.ts';
import { Feed } from '../../../src/cli/pipe/feed.ts';
import { type GivenPipe, pipePlan } from '../../../src/cli/pipe/plan.ts';
import { Collector, summary } from '../input-collector.ts';
import { offsets, PIPE_FLAGS, piece } from './pieces.ts';

const NOW = 1_700_000_000_000;
const RANGE = {
  topic: 't',
  partition: 0,
  start: 0,
  end: null,
  logStart: 0,
  highWatermark: 9,
  lastStable: 9,
  heldBack: 0,
  lost: 0,
};

function plan(flags: Partial<GivenPipe> = {}, words = ['a', 'b']) {
  return pipePlan(words, { ...PIPE_FLAGS, ...flags }, NOW);
}

/** What the command reads of records 1 and 2, and what becomes of what it writes. */
function sides(flags: Partial<GivenPipe>, written: string): [string, string[]] {
  const { openPrinter, openParser } = plan(flags);
  const chunks: string[] = [];
  const batch = { topic: 't', partition: 0, pieces: [piece(offsets(1, 2))], records: 2 };
  new Feed(openPrinter, new Places(() => [RANGE])).print(batch, (bytes) => void chunks.push(`${bytes}`));
  const sink = new Collector();
  const parser = openParser(sink, 1000);
  parser.push(Buffer.from(written));
  parser.end();
  return [chunks.join(''), summary(sink.got)];
}

describe('the plan of a pipe', () => {
  it('is to go on for ever, and to stop at a failure', () => {
    expect(plan()).toMatchObject({
      reading: {
        topics: { names: ['a'] },
        group: 'g',
        follow: true,
        isolation: 'read_committed',
        from: { at: 'start' },
      },
      writing: { topic: 'b', create: false, codec: 'none' },
      onError: { what: 'stop' },
      batch: 10_000,
      lingerMs: 0,
    });
  });

  it('is what the flags say', () => {
    const flags = {
      from: '-5',
      'instance-id': 'i',
      'session-timeout': '2s',
      linger: '1m',
      'on-error': 'dlq d',
      partition: 3,
    };
    expect(plan({ ...flags, compress: 'zstd', create: true }, ['a', 'b', 'c'])).toMatchObject({
      reading: {
        topics: { names: ['a', 'b'] },
        instanceId: 'i',
        sessionTimeoutMs: 2000,
        from: { at: 'before-end', count: 5 },
      },
      writing: { topic: 'c', create: true, codec: 'zstd', partition: 3 },
      onError: { what: 'dlq', topic: 'd' },
      lingerMs: 60_000,
    });
  });

  it('waits for nobody when it ends at the ends', () => {
    expect(plan({ once: true, linger: '1m' })).toMatchObject({ reading: { follow: false }, lingerMs: 0 });
  });

  it.each<[Partial<GivenPipe>, string, string, string[]]>([
    [{}, 'x\ny', '1\n2\n', ["1 null='x'", "2 null='y'"]],
    [{ null: true }, 'x\0y\0', '1\x002\0', ["1 null='x'", "2 null='y'"]],
    [{ delimiter: '; ' }, 'x; y', '1; 2; ', ["1 null='x'", "2 null='y'"]],
    [{ output: '%o=%v\\n' }, 'x\n', '1=1\n2=2\n', ["1 null='x'"]],
    [{ output: '%o=%v\\n', null: true }, 'x\0', '1=1\n2=2\n', ["1 null='x'"]],
    [{ input: '%k %v\\n', null: true }, 'k v\n', '1\x002\0', ["1 'k'='v'"]],
    [{ output: 'json' }, '', expect.stringMatching(/^\[\n\{.*\},\n\{.*\}\n\]\n$/) as unknown as string, []],
    [{ 'key-delimiter': '\\t' }, 'k\tv\n', '1\n2\n', ["1 'k'='v'"]],
    [{ tombstone: true }, 'k\n', '1\n2\n', ["1 'k'=null"]],
    [{ 'null-value': '-' }, '-\n', '1\n2\n', ['1 null=null']],
    [{ 'null-value': '-', input: 'jsonl' }, '{"value":"-"}', '1\n2\n', ["1 null='-'"]],
    [{ whole: true }, 'x\ny\n', '1\n2\n', ["1 null='x\ny\n'"]],
    [{ crlf: true }, 'x\r\n', '1\n2\n', ["1 null='x'"]],
    [{ key: 'k' }, 'x\n', '1\n2\n', ["1 'k'='x'"]],
  ])('with %j reads and writes as consume and produce do', (flags, written, read, records) => {
    expect(sides(flags, written)).toEqual([read, records]);
  });

  it('writes what was read anew for each run', async () => {
    const { openPrinter } = plan({ output: '%i ' });
    const printed = () => {
      const out = new OutputBuffer();
      const printer = openPrinter();
      const place = { topic: 't', partition: 0 } as PrintContext;
      for (let i = 0; i < 2; i++) printer.write(place, undefined as never, out);
      return `${out.view()}`;
    };
    expect([printed(), printed()]).toEqual(['1 2 ', '1 2 ']);
  });

  it.each<[Partial<GivenPipe>, RegExp]>([
    [{ output: 'yaml' }, /no output format/],
    [{ input: 'table' }, /no input format/],
    [{ output: '%o', input: 'jsonl', 'key-delimiter': ':' }, /-K does not go with/],
    [{ output: '%o', input: '%v\\n', null: true }, /-D does not go with/],
    [{ output: 'jsonl', input: 'jsonl', 'null-value': '-' }, /--null-value does not go with/],
    [{ key: 'k', tombstone: true }, /-k with --tombstone/],
    [{ from: 'yesterday' }, /no position/],
    [{ linger: '1x' }, /no duration/],
  ])('with %j is refused', (flags, problem) => {
    expect(() => plan(flags)).toThrow(problem);
  });
});
