import { describe, expect, it } from 'vitest';
import { joinOnError, parseOnError } from '../../../src/cli/pipe/on-error.ts';
import { pipeWords } from '../../../src/cli/pipe/words.ts';

describe('the words of a pipe', () => {
  it('are what is read, and what is written to', () => {
    expect(pipeWords(['a', 'b', 'a', 'c'], 'value', undefined)).toEqual({ from: ['a', 'b'], to: 'c' });
    expect(pipeWords(['a', 'b'], '%t %v\n', undefined)).toEqual({ from: ['a', 'b'], to: null });
  });

  it.each([
    [[], 'value', undefined, /topics are missing/],
    [['a'], 'value', undefined, /write to is missing/],
    [[], '%t %v\n', undefined, /topics are missing/],
    [['a', 'b', 'a'], 'value', undefined, /'a' would be read and written to/],
    [['a', 'b'], 'value', 'a', /'a' would be read and written to/],
    [['a', 'b'], '%t %v\n', 'b', /'b' would be read and written to/],
  ] as const)('%j with %s and %s are refused', (words, format, deadLetters, problem) => {
    expect(() => pipeWords(words, format, deadLetters)).toThrow(problem);
  });
});

describe('--on-error', () => {
  it.each([
    [
      ['a', '--on-error', 'dlq', 'failed', 'b'],
      ['a', '--on-error=dlq failed', 'b'],
    ],
    [
      ['a', '--on-error=dlq', 'failed', 'b'],
      ['a', '--on-error=dlq failed', 'b'],
    ],
    [
      ['dlq', 'b', '--on-error', 'skip'],
      ['dlq', 'b', '--on-error', 'skip'],
    ],
    [
      ['a', '--on-error', 'dlq', '-g', 'b'],
      ['a', '--on-error', 'dlq', '-g', 'b'],
    ],
    [
      ['a', 'b', '--on-error', 'dlq'],
      ['a', 'b', '--on-error', 'dlq'],
    ],
  ])('of %j is one word: %j', (words, joined) => {
    expect(joinOnError(words)).toEqual(joined);
  });

  it('is one of three', () => {
    expect(['stop', 'skip', 'dlq failed'].map(parseOnError)).toEqual([
      { what: 'stop' },
      { what: 'skip' },
      { what: 'dlq', topic: 'failed' },
    ]);
    expect(() => parseOnError('dlq')).toThrow(/wants a topic/);
    expect(() => parseOnError('drop')).toThrow(/stop, skip, or dlq TOPIC; not 'drop'/);
  });
});
