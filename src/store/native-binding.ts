import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BrokerError } from '../errors.ts';
import { locatePackage } from '../record/load-package.ts';
import { DRIVER } from './driver.ts';

/**
 * Where better-sqlite3's addon lies after it was compiled or downloaded; undefined where the package has to look for it itself
 * (it ships its binaries from version 13 on). Saying it saves a short command 3 ms of looking.
 */
export function nativeBinding(): string | undefined {
  const file = join(dirname(locatePackage(DRIVER)), '..', 'build', 'Release', 'better_sqlite3.node');
  return existsSync(file) ? file : undefined;
}

/** What an addon says that is not there, or was made for another Node; the row of beck's table, or undefined. */
export function bindingProblem(error: unknown): BrokerError | undefined {
  const { code, message = '' } = error as NodeJS.ErrnoException;
  const missing =
    code === 'ERR_DLOPEN_FAILED' ||
    code === 'MODULE_NOT_FOUND' ||
    message.startsWith('Could not locate the bindings file');
  if (!missing) return undefined;
  const { platform, arch, version } = process;
  return new BrokerError('STORAGE_DRIVER', { platform, arch, version }, { cause: error });
}
