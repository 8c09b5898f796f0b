import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BrokerError } from '../errors.ts';
import { DATABASE_FILE } from '../store/store.ts';
import type { Broker } from './broker.ts';

/**
 * Copies a live broker, as it is at one moment, into a folder that can be opened like any data directory. Others go on
 * writing meanwhile. The database appears under its name only when it is whole; throws TARGET_EXISTS when the folder has
 * something in it, STORAGE_*.
 */
export function takeSnapshot({ store }: Broker, into: string): { readonly path: string; readonly bytes: number } {
  const dir = resolve(into);
  if (existsSync(dir) && (!statSync(dir).isDirectory() || readdirSync(dir).length > 0)) throw new BrokerError('TARGET_EXISTS', { path: dir });
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new BrokerError('STORAGE_READ_ONLY', { path: dir, problem: `cannot be created (${(cause as NodeJS.ErrnoException).code})` }, { cause });
  }
  const path = join(dir, DATABASE_FILE);
  const partial = `${path}.partial`;
  try {
    store.copyInto(partial);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  return { path: dir, bytes: statSync(path).size };
}
