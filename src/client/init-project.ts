import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PROJECT_DIR } from '../data-dir.ts';
import { DATABASE_FILE } from '../store/store.ts';
import { type OpenOptions, openCluster } from './open.ts';

export interface Project {
  /** The data directory, absolute. */
  readonly path: string;
  /** False: it was there already, and is as it was. */
  readonly created: boolean;
}

/**
 * Makes `.beck/` in `folder` (created where it is missing), so that every command below uses it, and hides it from git.
 * Throws STORAGE_*.
 */
export async function initProject(
  folder: string,
  options: Omit<OpenOptions, 'broker' | 'dataDir' | 'mode'>,
): Promise<Project> {
  const path = join(resolve(options.cwd, folder), PROJECT_DIR);
  const created = !existsSync(join(path, DATABASE_FILE));
  const cluster = await openCluster({ ...options, dataDir: path, mode: 'create' });
  await cluster.close();
  hideFromGit(path);
  return { path, created };
}

/** One that is there already may be somebody's own. */
function hideFromGit(path: string): void {
  const file = join(path, '.gitignore');
  if (!existsSync(file)) writeFileSync(file, '*\n');
}
