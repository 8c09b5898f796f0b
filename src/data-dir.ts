import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { BrokerError } from './errors.ts';

/** A project's own data directory: `beck init` makes it, every command below finds it. */
export const PROJECT_DIR = '.beck';

export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
}

/**
 * Where the data is: what was asked for, else BECK_DATA_DIR, else the nearest `.beck/` of one's own from the working
 * directory up to the repository's root (without a repository, up to the home folder), else the user's data directory.
 * Throws USAGE for an empty one. Creates nothing; the answer is absolute and need not exist.
 */
export function locateDataDir(
  asked: string | undefined,
  { cwd, env, platform = process.platform }: Surroundings,
): string {
  if (asked === '')
    throw new BrokerError('USAGE', { problem: '--data-dir is empty', hint: 'name a folder, or leave it out' });
  const named = asked ?? (env.BECK_DATA_DIR || undefined);
  if (named !== undefined) return resolve(cwd, named);
  return projectDataDir(cwd, env.HOME ?? homedir()) ?? userDataDir(env, platform);
}

function projectDataDir(cwd: string, home: string): string | undefined {
  for (let at = resolve(cwd); ; at = dirname(at)) {
    const candidate = join(at, PROJECT_DIR);
    if (isOwnFolder(candidate)) return candidate;
    if (at === home || dirname(at) === at || existsSync(join(at, '.git'))) return undefined;
  }
}

/** Only one's own: in a shared folder such as /tmp, somebody else's `.beck` must not receive our data. */
function isOwnFolder(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && (process.getuid === undefined || stat.uid === process.getuid());
}

/** XDG where it is set; else the platform's own habit. https://specifications.freedesktop.org/basedir-spec/ */
function userDataDir(env: Surroundings['env'], platform: NodeJS.Platform): string {
  const home = env.HOME || homedir();
  if (env.XDG_DATA_HOME) return join(env.XDG_DATA_HOME, 'beck');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'beck');
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'beck');
  return join(home, '.local', 'share', 'beck');
}
