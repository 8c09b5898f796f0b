import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Database } from '../../src/store/driver.ts';
import { bindingProblem } from '../../src/store/native-binding.ts';
import { isBusy, translate } from '../../src/store/sqlite-errors.ts';
import { NO_PATIENCE, Store } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';

describe("SQLite's errors", () => {
  it.each([
    ['SQLITE_FULL', 'STORAGE_FULL'],
    ['SQLITE_IOERR_SHMSIZE', 'STORAGE_FULL'],
    ['SQLITE_CORRUPT_INDEX', 'STORAGE_CORRUPT'],
    ['SQLITE_NOTADB', 'STORAGE_CORRUPT'],
    ['SQLITE_READONLY_DIRECTORY', 'STORAGE_READ_ONLY'],
    ['SQLITE_CANTOPEN', 'STORAGE_READ_ONLY'],
    ['SQLITE_IOERR_WRITE', 'STORAGE_FAILED'],
  ])('%s is %s, with exit code 5', (code, row) => {
    expect(translate(new Database.SqliteError('disk I/O error', code), '/data/beck.db')).toMatchObject({
      code: row,
      exitCode: 5,
      message: expect.stringContaining('/data/beck.db'),
    });
  });

  it('busy is for patience; what is not of SQLite stays as it is', () => {
    expect(
      ['SQLITE_BUSY', 'SQLITE_BUSY_RECOVERY', 'SQLITE_LOCKED', 'SQLITE_FULL'].map((code) =>
        isBusy(new Database.SqliteError('', code)),
      ),
    ).toEqual([true, true, true, false]);
    const other = new TypeError('no');
    expect(translate(other, 'x')).toBe(other);
  });

  it('a folder in the place of the file is STORAGE_FAILED', () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'beck.db'));
    expect(() => Store.existing(dir, { patience: NO_PATIENCE })).toThrow(
      expect.objectContaining({ code: 'STORAGE_FAILED' }),
    );
  });

  it('an addon that is missing or of another Node is one sentence with what to do', () => {
    const missing = Object.assign(new Error('was compiled against a different Node.js version'), {
      code: 'ERR_DLOPEN_FAILED',
    });
    expect(bindingProblem(missing)).toMatchObject({
      code: 'STORAGE_DRIVER',
      exitCode: 5,
      hint: expect.stringContaining('npm rebuild'),
    });
    expect(bindingProblem(new Error('Could not locate the bindings file. Tried: …'))).toMatchObject({
      code: 'STORAGE_DRIVER',
    });
    expect(bindingProblem(new Error('something else'))).toBeUndefined();
  });
});
