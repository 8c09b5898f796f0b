import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BrokerError } from '../../errors.ts';
import type { Io } from '../io.ts';

/** Makes a file that does not exist yet. Throws TARGET_EXISTS, OUTPUT_UNWRITABLE. */
export async function writeNewFile(file: string, text: string, { cwd }: Pick<Io, 'cwd'>): Promise<void> {
  try {
    await writeFile(resolve(cwd, file), text, { flag: 'wx' });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new BrokerError('TARGET_EXISTS', { path: file, hint: 'name another file, or let the shell write: > FILE' });
    throw new BrokerError('OUTPUT_UNWRITABLE', { problem: `${file}: ${message}` }, { cause });
  }
}
