import { BrokerError } from '../../errors.ts';
import type { Environment } from '../io.ts';

/** A command of the user's, as it was given: no shell looks at it. */
export interface CommandLine {
  /** The program and its arguments. */
  readonly words: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
}

/**
 * What stands before the first `--` is beck's, what stands behind it is the command; empty: there is no `--`. Throws USAGE where
 * nothing is behind it.
 */
export function splitCommand(argv: readonly string[]): {
  readonly words: string[];
  readonly command: readonly string[];
} {
  const at = argv.indexOf('--');
  if (at < 0) return { words: [...argv], command: [] };
  const command = argv.slice(at + 1);
  if (command.length === 0) throw commandMissing();
  return { words: argv.slice(0, at), command };
}

/** For a command that cannot do without one. */
export function commandMissing(): BrokerError {
  return new BrokerError('USAGE', {
    problem: 'the command is missing',
    hint: 'it stands behind --, as in `-- jq -c .`',
  });
}

/** Who looked for it has found it; it went away since, or the system is short of something. */
export function cannotRun({ words: [program = ''] }: CommandLine, cause: Error): BrokerError {
  return new BrokerError(
    'COMMAND_FAILED',
    { problem: `${program} cannot be run: ${cause.message}`, hint: '' },
    { cause },
  );
}
