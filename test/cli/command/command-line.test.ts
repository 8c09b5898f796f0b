import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { splitCommand } from '../../../src/cli/command/command-line.ts';
import { requireProgram } from '../../../src/cli/command/find-program.ts';
import { tempDir } from '../../support/temp-dir.ts';

describe('the words before a command', () => {
  it('end at the first --, behind which is the command as it is', () => {
    expect(splitCommand(['a', 'b', '-g', 'g', '--', 'x', '-y', '--', 'z'])).toEqual({
      words: ['a', 'b', '-g', 'g'],
      command: ['x', '-y', '--', 'z'],
    });
    expect(splitCommand(['a', 'b'])).toEqual({ words: ['a', 'b'], command: [] });
    expect(() => splitCommand(['a', 'b', '--'])).toThrow(/command is missing/);
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
