/**
 * The outermost frame: words → command → exit code. It runs commands by itself instead of through oclif's `execute()`, which
 * loads the whole configuration at every start, gives up on slow readers and loses exit codes.
 */
import { findCommand } from '../src/cli/find-command.ts';
import { type CommandTable, commandNamed, type Frame } from '../src/cli/frame.ts';
import { listenForInterrupts } from '../src/cli/interrupts.ts';
import type { Io } from '../src/cli/io.ts';
import { processIo } from '../src/cli/process-io.ts';
import type { ExitCode } from '../src/errors.ts';
import { COMMANDS } from './commands.ts';

export { COMMANDS };

/** Put in by the build, from package.json. */
declare const BECK_VERSION: string | undefined;

export interface World {
  readonly io: Io;
  /** Aborts at the first Ctrl-C. */
  readonly interrupt: AbortSignal;
  readonly cedeInterrupts?: Frame['cedeInterrupts'];
  readonly commands?: CommandTable;
  readonly version?: string;
}

/** Runs one command line to its end. Never rejects; what it resolves to is the exit code. Tests call it in process. */
export async function main(
  argv: readonly string[],
  { io, interrupt, cedeInterrupts, commands = COMMANDS, version }: World,
): Promise<number> {
  const built = typeof BECK_VERSION === 'string' ? BECK_VERSION : '0.0.0';
  try {
    return await run(argv, { id: '', version: version ?? built, io, interrupt, cedeInterrupts, commands });
  } catch (error) {
    return await fail(error, io, argv.includes('--json') ? 'stdout' : 'text');
  }
}

/**
 * The whole life of the process but for its end: whoever calls sets the exit code and lets Node go. Every byte of stdout has
 * been taken by then, and Node waits for what stderr still holds. Where stdout was given up the end is here: Node would wait.
 */
export async function runProcess(argv: readonly string[], commands = COMMANDS): Promise<number> {
  const io = processIo();
  const interrupts = listenForInterrupts();
  process.on('uncaughtException', async (error) => process.exit(await fail(error, io)));
  const code = await main(argv, { io, interrupt: interrupts.signal, cedeInterrupts: interrupts.cede, commands });
  io.stdin.close();
  interrupts.dispose();
  if (io.stdout.gaveUp) process.exit(code);
  return code;
}

async function run(argv: readonly string[], frame: Frame): Promise<number> {
  if (argv[0] === '--version' || argv[0] === '-V') {
    await frame.io.stdout.write(`beck ${frame.version}\n`);
    return 0;
  }
  const found = findCommand(argv, Object.keys(frame.commands));
  if (found.what !== 'command' || asksForHelp(argv)) {
    const { help } = await import('../src/cli/help.ts');
    return help(argv, frame);
  }
  const { default: Command } = await commandNamed(found.name, frame);
  return new Command(found.rest, { ...frame, id: found.name }).execute();
}

async function fail(error: unknown, io: Io, to: 'text' | 'stdout' = 'text'): Promise<ExitCode> {
  const { reportError } = await import('../src/cli/report-error.ts');
  return reportError(error, { io, command: 'beck', to });
}

function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).some((word) => word === '--help' || word === '-h');
}
