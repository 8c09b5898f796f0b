/**
 * What oclif's parser complains of, in beck's words: one row a complaint. The parser has classes for some and only sentences
 * for others, so the sentences are what is matched; a test makes the parser say each of them.
 */
import { nearestName } from '../topic/names.ts';
import { MARK } from './dashed-values.ts';

export interface UsageProblem {
  readonly problem: string;
  /** Undefined: look at the help. */
  readonly hint?: string | undefined;
}

type Say = (words: readonly string[], flags: readonly string[]) => UsageProblem;

const NOISE = /\nSee more help with --help|^Parsing --\S+ \n\t/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the parser colours some of its sentences
const COLOUR = /\x1b\[\d+m/g;

const ROWS: readonly (readonly [RegExp, Say])[] = [
  [/^Nonexistent flags?: ([^,]+)/, ([flag = ''], flags) => unknownFlag(flag, flags)],
  [/^Missing \d+ required args?:\n(\S+)/, ([name]) => ({ problem: `${name?.toUpperCase()} is missing` })],
  [/^Unexpected arguments?: ([^,]+)/, ([word]) => ({ problem: `'${word}' is one argument too many` })],
  [
    /^Expected (--[\w-]+)=(.*) to be one of: (.*)$/s,
    ([flag, given, all]) => ({ problem: `${flag} wants one of ${all}; not '${given}'` }),
  ],
  [/^Expected (.*) to be one of: (.*)$/s, ([given, all]) => ({ problem: `'${given}' is not one of ${all}` })],
  [
    /^Flag (--[\w-]+) expects one of these values: (.*)$/,
    ([flag, all]) => ({ problem: `${flag} wants one of ${all}` }),
  ],
  [
    /^Flag (--[\w-]+) expects a value$/,
    ([flag]) => ({
      problem: `${flag} wants a value`,
      hint: `a value that begins with a dash is written ${flag}=-VALUE`,
    }),
  ],
  [/^Flag (--[\w-]+) can only be specified once$/, ([flag]) => ({ problem: `${flag} was given twice` })],
  [/Missing required flag ([\w-]+)/, ([flag]) => ({ problem: `--${flag} is missing` })],
  [
    /(--[\w-]+)=.* cannot also be provided when using (--[\w-]+)/s,
    ([one, other]) => ({ problem: `${one} and ${other} exclude each other` }),
  ],
  [
    /(--[\w-]+) cannot also be provided when using (--[\w-]+)/,
    ([one, other]) => ({ problem: `${one} and ${other} exclude each other` }),
  ],
  [
    /(?:All|One) of the following must be provided when using (--[\w-]+): (.*)/,
    ([flag, needed]) => ({ problem: `${flag} goes with ${needed}` }),
  ],
  [
    /(?:Exactly|At least) one of the following must be provided: (.*)/,
    ([all]) => ({ problem: `one of ${all} is wanted` }),
  ],
  [/^Expected an integer but received: (.*)$/s, ([given]) => ({ problem: `wants a whole number; not '${given}'` })],
  [
    /^Expected an integer greater than or equal to (\S+) but received: (.*)$/s,
    ([min, given]) => ({ problem: `wants a whole number from ${min}; not '${given}'` }),
  ],
  [
    /^Expected an integer less than or equal to (\S+) but received: (.*)$/s,
    ([max, given]) => ({ problem: `wants a whole number up to ${max}; not '${given}'` }),
  ],
];

/** The problem behind a parser's error, or undefined when the error is none of the parser's. `flags` are the long names there are. */
export function usageProblem(error: unknown, flags: readonly string[]): UsageProblem | undefined {
  if (!(error instanceof Error) || !('oclif' in error)) return undefined;
  const flag = /^Parsing (--\S+) \n\t/.exec(error.message)?.[1];
  const text = error.message.replace(NOISE, '').replace(COLOUR, '').replaceAll(MARK, '').trim();
  for (const [pattern, say] of ROWS) {
    const match = pattern.exec(text);
    if (!match) continue;
    const { problem, hint } = say(match.slice(1), flags);
    return { problem: flag ? `${flag} ${problem}` : problem, hint };
  }
  return { problem: flag ? `${flag}: ${text}` : text };
}

function unknownFlag(given: string, flags: readonly string[]): UsageProblem {
  const problem = `there is no flag '${given}'`;
  const long = given.startsWith('--') ? nearestName(given.slice(2).replace(/=.*/s, ''), flags) : undefined;
  return long === undefined ? { problem } : { problem, hint: `did you mean '--${long}'?` };
}
