import { beck, type Outcome, type Surroundings } from '../cli/memory-io.ts';

export interface RunOptions extends Omit<Surroundings, 'now'> {
  readonly dataDir?: string;
  /** ms */
  readonly now?: number;
}

/** Runs one command line in this process, without colour, on a data directory of the test's. */
export function runCommand(argv: readonly string[], { dataDir, now, env, ...rest }: RunOptions = {}): Promise<Outcome> {
  const where = dataDir === undefined ? {} : { BECK_DATA_DIR: dataDir };
  return beck(argv, {
    ...rest,
    ...(now === undefined ? {} : { now: () => now }),
    env: { NO_COLOR: '1', ...where, ...env },
  });
}
