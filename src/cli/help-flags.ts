/** Flags and arguments in words. What is said is read from the same objects that the parser reads. */
import type { Definition } from './wrap.ts';

/** What help and completion need to know of one of oclif's flags. */
export interface FlagFacts {
  readonly type: 'boolean' | 'option';
  readonly char?: string | undefined;
  readonly summary?: string | undefined;
  readonly description?: string | undefined;
  readonly helpGroup?: string | undefined;
  readonly helpValue?: string | readonly string[] | undefined;
  readonly hidden?: boolean | undefined;
  readonly multiple?: boolean | undefined;
  readonly options?: readonly string[] | undefined;
  readonly required?: boolean | undefined;
  readonly default?: unknown;
}

/** The same of an argument. */
export interface ArgFacts {
  readonly description?: string | undefined;
  readonly multiple?: boolean | undefined;
  readonly options?: readonly string[] | undefined;
  readonly required?: boolean | undefined;
}

/** What stands for the flag's value: `N`, `all|1|0`, or its name in capitals. */
export function valueName(name: string, { helpValue, options }: FlagFacts): string {
  if (helpValue) return typeof helpValue === 'string' ? helpValue : helpValue.join('|');
  return options?.join('|') ?? name.toUpperCase();
}

/** `-p, --partitions=N` and what it does. */
export function flagRows(flags: readonly (readonly [string, FlagFacts])[]): Definition[] {
  return flags.filter(([, flag]) => !flag.hidden).map(([name, flag]) => [flagTerm(name, flag), flagMeaning(flag)]);
}

function flagTerm(name: string, flag: FlagFacts): string {
  const short = flag.char ? `-${flag.char}, ` : '    ';
  return `${short}--${name}${flag.type === 'option' ? `=${valueName(name, flag)}` : ''}`;
}

function flagMeaning(flag: FlagFacts): string {
  const again = flag.multiple ? '; may be given more than once' : '';
  const usual = isSayable(flag.default) ? ` (default ${flag.default})` : '';
  return `${flag.summary ?? flag.description ?? ''}${again}${usual}`;
}

function isSayable(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

/** `[-p N]`, as the line of usage has it. */
export function flagUsage(name: string, flag: FlagFacts): string {
  const word = flag.char ? `-${flag.char}` : `--${name}`;
  const whole = flag.type === 'option' ? `${word} ${valueName(name, flag)}` : word;
  return `${flag.required ? whole : `[${whole}]`}${flag.multiple ? '...' : ''}`;
}

/** `NAME...`, `[FILE...]` or `bash|zsh|fish`. */
export function argUsage(name: string, arg: ArgFacts): string {
  const word = (arg.options?.join('|') ?? name.toUpperCase()) + (arg.multiple ? '...' : '');
  return arg.required ? word : `[${word}]`;
}
