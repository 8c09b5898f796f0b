/**
 * What a shell needs to know to complete a command line, read from the commands themselves. The scripts hold commands, flags
 * and values; only the names of topics, groups and transactions are asked for while typing (`beck completion --topics`, …).
 */
import { TOPIC_CONFIGS } from '../topic/config-table.ts';
import { GROUPS } from './chapters.ts';
import { type CommandTable, commandNamed } from './frame.ts';
import type { ArgFacts, FlagFacts } from './help-flags.ts';
import { INPUT_FORMATS } from './input/index.ts';
import { OUTPUT_FORMATS } from './output/index.ts';

/** What may stand at a place: words known now (`name=` goes on with a value), names known later, or files. */
export type Choices =
  | { readonly words: readonly string[] }
  | { readonly kind: 'topics' | 'groups' | 'transactions' | 'files' | 'folders' | 'nothing' };

export interface CompletedFlag {
  /** `--partitions`, `-p`. */
  readonly names: readonly string[];
  readonly summary: string;
  /** Undefined: it takes no value. */
  readonly value: Choices | undefined;
  readonly repeats: boolean;
}

export interface CompletedCommand {
  /** `topic create`. */
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  /** In order; the last one goes on when `repeats`. */
  readonly args: readonly Choices[];
  readonly repeats: boolean;
}

const TOPICS: Choices = { kind: 'topics' };
const CONSUMER_GROUPS: Choices = { kind: 'groups' };
const TRANSACTIONS: Choices = { kind: 'transactions' };
const FILES: Choices = { kind: 'files' };
const FOLDERS: Choices = { kind: 'folders' };
const NOTHING: Choices = { kind: 'nothing' };

/** Formats that are not named: a template's `%` tells, and `whole` is a flag of its own. */
const UNNAMED = new Set(['template', 'whole']);

const FLAG_CHOICES: Readonly<Record<string, Choices>> = {
  'data-dir': FOLDERS,
  salvage: FOLDERS,
  topic: TOPICS,
  group: CONSUMER_GROUPS,
  'to-group': CONSUMER_GROUPS,
  'from-file': FILES,
  input: formats(INPUT_FORMATS),
  output: formats(OUTPUT_FORMATS),
  'on-error': { words: ['stop', 'skip', 'dlq'] },
  config: { words: TOPIC_CONFIGS.filter(({ effective }) => effective).map(({ name }) => `${name}=`) },
  unset: { words: TOPIC_CONFIGS.map(({ name }) => name) },
};
const ARG_CHOICES: Readonly<Record<string, Choices>> = {
  topic: TOPICS,
  group: CONSUMER_GROUPS,
  transaction: TRANSACTIONS,
  file: FILES,
  dir: FOLDERS,
};

/** Where the names of a command's arguments do not tell: new topics have no names yet, and files follow a topic. */
const COMMAND_ARGS: Readonly<Record<string, readonly Choices[]>> = {
  'topic create': [NOTHING],
  produce: [TOPICS, FILES],
};

function formats(rows: readonly { readonly name: string }[]): Choices {
  return { words: rows.map(({ name }) => name).filter((name) => !UNNAMED.has(name)) };
}

/** Every command, in the order of the table. Hidden flags stay hidden. */
export async function completedCommands(commands: CommandTable): Promise<CompletedCommand[]> {
  return Promise.all(
    Object.keys(commands).map(async (name) => {
      const { default: Command } = await commandNamed(name, { commands });
      const flags = Object.entries({ ...Command.flags, ...Command.baseFlags }) as [string, FlagFacts][];
      const args = Object.entries(Command.args) as [string, ArgFacts][];
      return {
        name,
        summary: Command.summary ?? '',
        flags: [...flags.filter(([, flag]) => !flag.hidden).map(completedFlag), HELP],
        args: COMMAND_ARGS[name] ?? args.map(argChoices),
        repeats: args.some(([, { multiple }]) => multiple),
      };
    }),
  );
}

const HELP: CompletedFlag = { names: ['--help'], summary: 'how it is used', value: undefined, repeats: false };

function completedFlag([name, flag]: readonly [string, FlagFacts]): CompletedFlag {
  const takesValue = flag.type === 'option';
  return {
    names: [`--${name}`, ...(flag.char ? [`-${flag.char}`] : [])],
    summary: flag.summary ?? flag.description ?? '',
    value: takesValue ? (wordsOf(flag) ?? FLAG_CHOICES[name] ?? NOTHING) : undefined,
    repeats: flag.multiple ?? false,
  };
}

function argChoices([name, arg]: readonly [string, ArgFacts]): Choices {
  return wordsOf(arg) ?? ARG_CHOICES[name] ?? NOTHING;
}

function wordsOf({ options }: { readonly options?: readonly string[] | undefined }): Choices | undefined {
  return options ? { words: options } : undefined;
}

/** What is said of a command, or of a group of them. */
export function sentenceOf(words: string, commands: readonly CompletedCommand[]): string {
  return commands.find(({ name }) => name === words)?.summary ?? GROUPS[words] ?? '';
}

/** The words that may follow `beck`, then those that may follow each first word: `topic` → create, list … */
export function wordTree(commands: readonly { readonly name: string }[]): Map<string, string[]> {
  const tree = new Map<string, string[]>([['', []]]);
  for (const { name } of commands) {
    const words = name.split(' ');
    for (const [i, word] of words.entries()) {
      const parent = words.slice(0, i).join(' ');
      const children = tree.get(parent) ?? [];
      if (!children.includes(word)) tree.set(parent, [...children, word]);
    }
  }
  return tree;
}
