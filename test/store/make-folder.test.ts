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

it('a file in the way, or a file system that makes no folders, is STORAGE_READ_ONLY, and not for ever', () => {
  const dir = tempDir();
  writeFileSync(join(dir, 'file'), '');
  const refused = expect.objectContaining({ code: 'STORAGE_READ_ONLY', exitCode: 5 });
  expect(() => makeFolder(join(dir, 'file'))).toThrow(refused);
  expect(() => makeFolder(join(dir, 'file', 'data'))).toThrow(refused);
  if (existsSync('/proc/self')) expect(() => makeFolder('/proc/none/data')).toThrow(refused);
});
