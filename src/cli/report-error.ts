/** The end of every failure: a sentence, its code, a hint; or the same as JSON; and the exit code either way. */
import { BrokerError, type ExitCode } from '../errors.ts';
import type { Io } from './io.ts';
import { styleFor } from './style.ts';
import { usageProblem } from './usage-problem.ts';

export interface ReportOptions {
  readonly io: Io;
  /** What was run, for the hint: `beck topic create`. */
  readonly command: string;
  /** `text` speaks on stderr; the others print the JSON error there. */
  readonly to: 'text' | 'stdout' | 'stderr';
  /** Long names of the command's flags. */
  readonly flags?: readonly string[];
}

/** Prints what went wrong and returns the exit code. Never rejects. */
export async function reportError(error: unknown, options: ReportOptions): Promise<ExitCode> {
  const known = asBrokerError(error, options);
  try {
    await (options.to === 'text' ? printText(known, options.io) : printJson(known, options.io[options.to]));
  } catch {
    // What cannot be written cannot be complained of either; the exit code still tells.
  }
  return known.exitCode;
}

/** Every failure as a row of the table: what the parser says is USAGE, what nobody expected is BUG. */
function asBrokerError(error: unknown, { command, flags = [] }: ReportOptions): BrokerError {
  if (error instanceof BrokerError) return untouched(error, command);
  const usage = usageProblem(error, flags);
  if (usage) {
    const details = { problem: usage.problem, command };
    return new BrokerError('USAGE', usage.hint === undefined ? details : { ...details, hint: usage.hint });
  }
  if ((error as Error | undefined)?.name === 'AbortError') return new BrokerError('INTERRUPTED', {}, { cause: error });
  return new BrokerError('BUG', { problem: String((error as Error | undefined)?.message ?? error) }, { cause: error });
}

/** oclif writes into the message of an error that a flag's parser throws; the row says it as it was meant. */
function untouched(error: BrokerError, command: string): BrokerError {
  return new BrokerError(error.code, { command, ...error.details }, { cause: error.cause ?? error });
}

async function printText(error: BrokerError, io: Io): Promise<void> {
  if (error.code === 'INTERRUPTED') return;
  const { red } = await styleFor(io.stderr, io.env);
  const hint = error.hint ? `${error.hint}\n` : '';
  await io.stderr.write(`${red(error.message)} (${error.code})\n${hint}`);
  if (error.code === 'BUG' && io.env['BECK_DEBUG'] === '1')
    await io.stderr.write(`${(error.cause as Error)?.stack ?? error.stack}\n`);
}

async function printJson({ code, message, hint, exitCode }: BrokerError, to: Io['stdout']): Promise<void> {
  await to.write(`${JSON.stringify({ error: { code, message, hint, exitCode } })}\n`);
}
