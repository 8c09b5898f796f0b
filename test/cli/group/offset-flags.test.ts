import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { offsetScopes } from '../../../src/cli/group/offset-scope.ts';
import { type GivenTarget, offsetTarget } from '../../../src/cli/group/offset-target.ts';
import { offsetsText, parseOffsets } from '../../../src/cli/group/offsets-file.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { memoryIo } from '../memory-io.ts';

describe('--topic of offsets', () => {
  it.each([
    [['orders'], [{ topic: 'orders' }]],
    [['orders:2'], [{ topic: 'orders', partitions: [2] }]],
    [['orders:2,0,2'], [{ topic: 'orders', partitions: [0, 2] }]],
    [
      ['b:1', 'a', 'b:0'],
      [{ topic: 'b', partitions: [0, 1] }, { topic: 'a' }],
    ],
    [['a:1', 'a'], [{ topic: 'a' }]],
    [['a', 'a:1'], [{ topic: 'a' }]],
  ])('%j', (given, scopes) => expect(offsetScopes(given)).toEqual(scopes));

  it.each(['', ':1', 'orders:', 'orders:x', 'orders:-1', 'orders:1,', 'orders:1.5', 'orders:9999999999'])(
    "'%s' is refused",
    (text) => expect(() => offsetScopes([text])).toThrow(`--topic wants a topic, or TOPIC:PARTITION; not '${text}'`),
  );
});

const OFFSETS = [
  { topic: 'orders', partition: 0, offset: 12, metadata: '' },
  { topic: 'orders', partition: 1, offset: 0, metadata: 'a "note"' },
];

describe('a file of offsets', () => {
  it('has an offset a line, and is read back as it was', () => {
    const text = offsetsText({ group: 'billing', offsets: OFFSETS });
    expect(text).toBe(`{"group":"billing","offsets":[
  {"topic":"orders","partition":0,"offset":12,"metadata":""},
  {"topic":"orders","partition":1,"offset":0,"metadata":"a \\"note\\""}
]}
`);
    expect(parseOffsets(text, 'f')).toEqual(OFFSETS);
    expect(parseOffsets(offsetsText({ group: 'g', offsets: [] }), 'f')).toEqual([]);
  });

  it('may leave out the group and metadata', () =>
    expect(parseOffsets('{"offsets":[{"topic":"t","partition":0,"offset":1}]}', 'f')).toEqual([
      { topic: 't', partition: 0, offset: 1, metadata: '' },
    ]));

  it.each([
    ['', /^f: it is no JSON: /],
    ['[]', /^f: it is no \{"group":…,"offsets":\[…\]\}, as `beck group export` writes it$/],
    ['{"offsets":{}}', /^f: it is no \{"group"/],
    ['{"offsets":[7]}', /^f, offset 1: it is no object$/],
    ['{"offsets":[{"topic":"","partition":0,"offset":1}]}', /^f, offset 1: topic wants the name of a topic; not ""$/],
    ['{"offsets":[{"topic":"t","offset":1}]}', /^f, offset 1: partition wants a whole number from 0; not nothing$/],
    [
      '{"offsets":[{"topic":"t","partition":0,"offset":-1}]}',
      /^f, offset 1: offset wants a whole number from 0; not -1$/,
    ],
    ['{"offsets":[{"topic":"t","partition":0,"offset":1.5}]}', /not 1\.5$/],
    [
      '{"offsets":[{"topic":"t","partition":0,"offset":1,"metadata":7}]}',
      /^f, offset 1: metadata wants a string of at most 4096 bytes; not 7$/,
    ],
    ['{"offsets":[{"topic":"t","partition":0,"offset":1,"offest":2}]}', /^f, offset 1: there is no field 'offest'$/],
    [
      '{"offsets":[{"topic":"t","partition":0,"offset":1},{"topic":"t","partition":0,"offset":2}]}',
      /^f: t 0 is there twice$/,
    ],
  ])('%s is refused', (text, sentence) => expect(() => parseOffsets(text, 'f')).toThrow(sentence));
});

describe('where to', () => {
  const io = (stdin = '') => memoryIo({ stdin, now: () => 10_000, cwd: '/' }).io;

  it.each<[GivenTarget, object]>([
    [{ to: 'start' }, { kind: 'position', position: { at: 'start' } }],
    [{ to: '@-1s' }, { kind: 'position', position: { at: 'time', timestamp: 9000 } }],
    [{ shift: '5' }, { kind: 'shift', by: 5 }],
    [{ shift: '+5' }, { kind: 'shift', by: 5 }],
    [{ shift: '-5' }, { kind: 'shift', by: -5 }],
    [{ 'to-group': 'other' }, { kind: 'group', group: 'other' }],
  ])('%j', async (flags, target) => expect(await offsetTarget(flags, io())).toEqual(target));

  it('is a file, or stdin', async () => {
    const text = offsetsText({ group: 'billing', offsets: OFFSETS });
    const file = join(tempDir(), 'offsets.json');
    writeFileSync(file, text);
    const target = { kind: 'offsets', offsets: OFFSETS };
    expect(await offsetTarget({ 'from-file': file }, io())).toEqual(target);
    expect(await offsetTarget({ 'from-file': '-' }, io(text))).toEqual(target);
  });

  it.each<[GivenTarget, string]>([
    [{ to: 'soon' }, "'soon' is no position"],
    [{ shift: 'x' }, "--shift wants a number of offsets; not 'x'"],
    [{ shift: '1.5' }, "--shift wants a number of offsets; not '1.5'"],
    [{ shift: '99999999999999999999' }, '--shift wants a number of offsets'],
    [{ 'from-file': '/no/such/file' }, 'cannot read /no/such/file: there is no such file'],
    [{ 'from-file': '/' }, 'cannot read /: it is a directory'],
    [{ 'from-file': '-' }, 'stdin: it is no JSON'],
  ])('%j is refused', async (flags, sentence) => {
    await expect(offsetTarget(flags, io())).rejects.toThrow(sentence);
  });
});
