import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { BrokerError } from '../../errors.ts';
import type { CommandLine } from './command-line.ts';

const HINT = `what stands behind -- is run as it is, without a shell; sh -c '…' is one`;

/**
 * Looks for the program as it will be looked for when it is run (execvp), so that a mistyped one is said before anything is
 * read. Windows looks in its own ways.
 * @throws BrokerError COMMAND_FAILED when there is none, or it may not be run
 */
export function requireProgram({ words: [program = ''], env, cwd }: CommandLine): void {
  const folders = program.includes('/') ? [''] : env['PATH']?.split(delimiter);
  if (folders === undefined || process.platform === 'win32') return;
  const found = folders.map((folder) => look(resolve(cwd, folder, program)));
  if (found.includes('program')) return;
  const problem = found.includes('file') ? `${program} may not be run` : `there is no command '${program}'`;
  throw new BrokerError('COMMAND_FAILED', { problem, hint: HINT });
}

/** `file` is there and no program: a folder, or nobody may run it. */
function look(path: string): 'program' | 'file' | undefined {
  let isThere = false;
  try {
    const found = statSync(path);
    isThere = true;
    if (!found.isFile()) return 'file';
    accessSync(path, constants.X_OK);
    return 'program';
  } catch {
    return isThere ? 'file' : undefined;
  }
}
