import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../../src/store/make-folder.ts';
import { tempDir } from '../support/temp-dir.ts';

it('makes a folder with those above it, and leaves one that is there', () => {
  const path = join(tempDir(), 'a', 'b', 'c');
  makeFolder(path);
  makeFolder(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

it('a file in the way is STORAGE_FAILED, and named', () => {
  const file = join(tempDir(), 'file');
  writeFileSync(file, '');
  const refused = expect.objectContaining({ code: 'STORAGE_FAILED', message: `${file}: it is a file, not a folder` });
  expect(() => makeFolder(file)).toThrow(refused);
  expect(() => makeFolder(join(file, 'data', 'more'))).toThrow(refused);
});

it.runIf(existsSync('/proc/self'))('a file system that makes no folders is STORAGE_READ_ONLY, and not for ever', () => {
  const refused = expect.objectContaining({ code: 'STORAGE_READ_ONLY', exitCode: 5 });
  expect(() => makeFolder('/proc/none/data')).toThrow(refused);
});
