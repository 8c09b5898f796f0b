/** Which page is asked for. Help lists what exists, no more. */
import { BrokerError, type ExitCode } from '../errors.ts';
import { type Found, findCommand } from './find-command.ts';
import { commandNamed, type Frame } from './frame.ts';
import { commandPage } from './help-command.ts';
import { firstPage, fullPage, groupPage } from './help-overview.ts';
import { styleFor } from './style.ts';

const PIPE_WIDTH = 80;
/** Longer lines are tiring to read, however wide the terminal is. */
const WIDEST = 100;

/**
 * Prints the page for a command line that asks for help, names a group of commands, or nothing.
 * @throws USAGE when it names nothing that exists
 */
export async function help(argv: readonly string[], frame: Frame): Promise<ExitCode> {
  const { stdout } = frame.io;
  const width = Math.min(stdout.columns ?? PIPE_WIDTH, stdout.isTTY ? WIDEST : PIPE_WIDTH);
  const lines = await page(argv, frame, width);
  await stdout.write(`${lines.join('\n').trimEnd()}\n`);
  return 0;
}

async function page(argv: readonly string[], frame: Frame, width: number): Promise<string[]> {
  if (argv.length === 0) return firstPage(frame, width);
  const words = argv.filter((word) => word !== '--help' && word !== '-h');
  if (words[0] === 'help') words.shift();
  if (words.length === 0) return fullPage(frame, width);
  const found = findCommand(words, Object.keys(frame.commands));
  if (found.what === 'group') return groupPage(found.name, frame, width);
  if (found.what === 'unknown') throw unknown(found);
  const { default: Command } = await commandNamed(found.name, frame);
  return commandPage(found.name, Command, width, await styleFor(frame.io.stdout, frame.io.env));
}

function unknown({ typed, nearest }: Extract<Found, { what: 'unknown' }>): BrokerError {
  const kind = typed.startsWith('-') ? 'flag' : 'command';
  const hint = nearest === undefined ? '`beck` lists them all' : `did you mean \`beck ${nearest}\`?`;
  return new BrokerError('USAGE', { problem: `there is no ${kind} '${typed}'`, hint });
}
