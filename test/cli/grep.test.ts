import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/cli/consume/filter.ts';
import type { RecordView } from '../../src/cli/output/printer.ts';

function valued(value: string | null): RecordView {
  const bytes = Buffer.from(value ?? '');
  return {
    bytes,
    offset: 0,
    timestamp: 0,
    keyStart: 0,
    keyLength: -1,
    valueStart: 0,
    valueLength: value === null ? -1 : bytes.length,
    headerCount: 0,
    headers: () => [],
  };
}

const matches = (grep: string, value: string | null) => compileFilter({ grep })?.(valued(value));

describe('--grep', () => {
  it.each([
    ['order\\-7', 'order-7', 'order7'],
    ['\\"id\\"', '"id"', 'id'],
    ['{"id":1}', '{"id":1}', '{"id":2}'],
    ['[0-9]{2}\\:[0-9]{2}', 'at 09:40', 'at 0940'],
    ['a{,3}]', 'a{,3}]', 'aaa]'],
    ['^.$', '😀', 'ab'],
    ['^[😀😁]$', '😁', '\ud83d'],
    ['^\\p{Lu}\\p{Ll}+$', 'Äpfel', 'äpfel'],
    ['^\\u{1F600}$', '😀', 'uuu'],
    ['grün', 'grün', 'grun'],
    ['', '', null],
    ['^$', '', null],
    ['null', 'null', null],
  ])('%j finds %j and not %j', (grep, found, other) => {
    expect([matches(grep, found), matches(grep, other)]).toEqual([true, false]);
  });

  it('takes a character beyond 16 bits for one also where a pattern is too loose for Unicode', () => {
    expect([matches('\\-😀+$', '-😀'), matches('order\\-.+', 'order-😀')]).toEqual([true, true]);
  });

  it.each([
    ['(', 'Unterminated group'],
    ['\\-(', 'Unterminated group'],
    ['[b-a]', 'Range out of order in character class'],
    ['*', 'Nothing to repeat'],
    ['\\p{Nope}', 'Invalid property name'],
    ['\\-\\p{Lu}', 'Invalid escape'],
    ['a\\', '\\ at end of pattern'],
  ])('%j is none, and why is said', (grep, why) => {
    expect(() => compileFilter({ grep })).toThrow(
      expect.objectContaining({ code: 'USAGE', message: `--grep '${grep}' is no regular expression: ${why}` }),
    );
  });
});
