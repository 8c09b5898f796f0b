/** The page of one command: why one would want it, ways to use it that work as printed, then the reference. */
import type { CommandClass } from './frame.ts';
import { type ArgFacts, argUsage, type FlagFacts, flagRows, flagUsage } from './help-flags.ts';
import type { Style } from './style.ts';
import { type Definition, definitions, examples, wrap } from './wrap.ts';

type Flag = readonly [name: string, facts: FlagFacts];
type Arg = readonly [name: string, facts: ArgFacts];

const OWN = 'Flags';
const EVERYWHERE = 'Everywhere';
/** Stands for a space at which a line may not be broken. */
const GLUE = '\u00a0';

export function commandPage(id: string, Command: CommandClass, width: number, style: Style): string[] {
  const args = Object.entries(Command.args) as Arg[];
  const flags = Object.entries({ ...Command.flags, ...Command.baseFlags }) as Flag[];
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', style.bold(title), ...lines];
  return [
    ...wrap(asSentence(Command.summary ?? ''), width),
    '',
    ...examples(exampleRows(Command), width),
    ...section('Usage', usageLines(id, Command, args, flags, width)),
    ...section('Arguments', definitions(args.map(argRow), width)),
    ...grouped(flags).flatMap(([title, group]) => section(title, definitions(flagRows(group), width))),
    ...(Command.description ? ['', ...wrap(Command.description, width)] : []),
  ];
}

/** The command's own flags first, in the order in which it declares them; those of every command last. */
function grouped(flags: readonly Flag[]): [string, Flag[]][] {
  const groups = new Map<string, Flag[]>();
  for (const flag of flags) {
    const title = groupOf(flag);
    groups.set(title, [...(groups.get(title) ?? []), flag]);
  }
  return [...groups].sort(([a], [b]) => Number(a === EVERYWHERE) - Number(b === EVERYWHERE));
}

function groupOf([, { helpGroup }]: Flag): string {
  return helpGroup === 'GLOBAL' ? EVERYWHERE : (helpGroup ?? OWN);
}

function argRow([name, arg]: Arg): Definition {
  return [argUsage(name, { ...arg, required: true }), arg.description ?? ''];
}

/** The command's own lines, or one made of its arguments and flags. */
function usageLines(
  id: string,
  { usage }: CommandClass,
  args: readonly Arg[],
  flags: readonly Flag[],
  width: number,
): string[] {
  const own = flags.filter((flag) => groupOf(flag) !== EVERYWHERE && !flag[1].hidden);
  const made = [
    ...args.map(([name, arg]) => argUsage(name, arg)),
    ...own.map(([name, flag]) => flagUsage(name, flag)),
  ].join(' ');
  return [usage ?? made].flat().flatMap((line) => hanging(`  beck ${id}`, line, width));
}

/** What follows the command is aligned under its first word, and never broken inside of a bracket. */
function hanging(head: string, rest: string, width: number): string[] {
  const glued = rest.replace(/\[[^\]]*\]/g, (bracket) => bracket.replaceAll(' ', GLUE));
  const lines = wrap(glued, width - head.length - 1);
  return lines.map((line, i) => `${i === 0 ? head : ' '.repeat(head.length)} ${line.replaceAll(GLUE, ' ')}`.trimEnd());
}

function exampleRows({ examples: rows = [] }: CommandClass): Definition[] {
  return rows.map((row) => (typeof row === 'string' ? [row, ''] : [row.command, row.description]));
}

/** Summaries stand in lists too, so they are written without capital and full stop. */
function asSentence(text: string): string {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
