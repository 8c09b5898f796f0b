/**
 * `--key=-n` is a key of `-n`, and `--from -0` a position: a number behind a flag that wants a value is its value, as `-5` is.
 * oclif takes any value that looks like one of the command's flags for that flag, even after `=`; so such a value travels
 * through its parser behind a NUL, which no argument of a process can contain.
 */
import type { FlagInput } from '@oclif/core/interfaces';

/** Not to be seen by anybody; what the parser says may contain it. */
export const MARK = '\0';
const DASHED = /^(--[a-z][a-z0-9-]*=)(?=-)/;
const NEGATIVE = /^-\d+$/;

/** The words with a mark where one is needed; the same array when none is. */
export function markDashedValues(argv: string[], flags: FlagInput): string[] {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const marked = argv.map((word, at) => {
    if (at >= end) return word;
    if (NEGATIVE.test(word) && wantsValue(argv[at - 1], flags)) return MARK + word;
    return word.replace(DASHED, `$1${MARK}`);
  });
  return marked.some((word, at) => word !== argv[at]) ? marked : argv;
}

function wantsValue(word: string | undefined, flags: FlagInput): boolean {
  return Object.entries(flags).some(
    ([name, { type, char }]) =>
      type === 'option' && (word === `--${name}` || (char !== undefined && word === `-${char}`)),
  );
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
