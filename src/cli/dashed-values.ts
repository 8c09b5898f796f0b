/**
 * `--key=-n` is a key of `-n`. oclif takes any value that looks like one of the command's flags for that flag, even after
 * `=`; so such a value travels through its parser behind a NUL, which no argument of a process can contain.
 */
import type { FlagInput } from '@oclif/core/interfaces';

const MARK = '\0';
const DASHED = /^(--[a-z][a-z0-9-]*=)(?=-)/;

/** The words with a mark where one is needed; the same array when none is. */
export function markDashedValues(argv: string[]): string[] {
  const end = argv.indexOf('--');
  const isDashed = (word: string, at: number): boolean => (end < 0 || at < end) && DASHED.test(word);
  return argv.some(isDashed)
    ? argv.map((word, at) => (isDashed(word, at) ? word.replace(DASHED, `$1${MARK}`) : word))
    : argv;
}

/** The same flags, reading marked values as they were meant. */
export function readingMarks(flags: FlagInput): FlagInput {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => {
      if (flag.type !== 'option') return [name, flag];
      const parse: typeof flag.parse = (input, context, options) =>
        flag.parse(input.startsWith(MARK) ? input.slice(MARK.length) : input, context, options);
      return [name, { ...flag, parse }];
    }),
  );
}
