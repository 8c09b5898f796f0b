import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Surroundings } from '../data-dir.ts';

/**
 * Where the Unix socket of a data directory lies where nobody says another place: in the user's own folder for such things,
 * under a name that is always the same for the directory; where there is none, in the directory itself. A second server on the
 * directory adds its pid.
 */
export function socketPath(dataDir: string, { env }: Pick<Surroundings, 'env'>, pid?: number): string {
  const second = pid === undefined ? '' : `-${pid}`;
  const runtime = env['XDG_RUNTIME_DIR'];
  if (runtime === undefined || !isAbsolute(runtime) || !existsSync(runtime))
    return join(dataDir, `serve${second}.sock`);
  const name = createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 8);
  return join(runtime, 'beck', `${name}${second}.sock`);
}
