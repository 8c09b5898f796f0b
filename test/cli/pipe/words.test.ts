import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requireProgram } from '../../../src/cli/pipe/find-program.ts';
import { joinOnError, parseOnError } from '../../../src/cli/pipe/on-error.ts';
import { pipeWords, splitCommand } from '../../../src/cli/pipe/words.ts';
import { tempDir } from '../../support/temp-dir.ts';

describe('the words of a pipe', () => {
  it('end at the first --, behind which is the command as it is', () => {
    expect(splitCommand(['a', 'b', '-g', 'g', '--', 'x', '-y', '--', 'z'])).toEqual({
      words: ['a', 'b', '-g', 'g'],
      command: ['x', '-y', '--', 'z'],
    });
    for (const argv of [
      ['a', 'b'],
      ['a', 'b', '--'],
    ])
      expect(() => splitCommand(argv)).toThrow(/command is missing/);
  });

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

describe.skipIf(process.platform === 'win32')('the program', () => {
  it('is looked for as it will be when it is run', () => {
    const cwd = tempDir();
    mkdirSync(join(cwd, 'bin'));
    mkdirSync(join(cwd, 'folder'));
    writeFileSync(join(cwd, 'bin', 'there'), '');
    writeFileSync(join(cwd, 'text'), '');
    chmodSync(join(cwd, 'bin', 'there'), 0o755);
    const env = { PATH: `${join(cwd, 'nowhere')}:${join(cwd, 'text')}:${join(cwd, 'bin')}:${cwd}` };
    const look = (program: string) => () => requireProgram({ words: [program], env, cwd });
    for (const program of ['there', './bin/there', join(cwd, 'bin/there')]) expect(look(program)).not.toThrow();
    for (const program of ['elsewhere', './there', 'text/there'])
      expect(look(program)).toThrow(`there is no command '${program}'`);
    for (const program of ['text', './folder']) expect(look(program)).toThrow(`${program} may not be run`);
    expect(() => requireProgram({ words: ['there'], env: {}, cwd })).not.toThrow();
  });
});
