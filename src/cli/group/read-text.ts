import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { unreadable } from '../input/sources.ts';
import type { Io } from '../io.ts';

/** All of a FILE, or of stdin where it is `-`. Throws INPUT_UNREADABLE. */
export async function readText(file: string, { stdin, cwd }: Pick<Io, 'stdin' | 'cwd'>): Promise<string> {
  try {
    return file === '-' ? await text(stdin.stream()) : await readFile(resolve(cwd, file), 'utf8');
  } catch (error) {
    throw unreadable(file === '-' ? 'stdin' : file, error);
  }
}
