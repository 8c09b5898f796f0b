/** Which command the words of a command line name. Pure: it sees names, loads nothing. */
import { nearestName } from '../topic/names.ts';

export type Found =
  | { readonly what: 'command'; readonly name: string; readonly rest: string[] }
  /** The words name a topic of commands: `beck topic`. */
  | { readonly what: 'group'; readonly name: string; readonly rest: string[] }
  | { readonly what: 'unknown'; readonly typed: string; readonly nearest: string | undefined };

/**
 * The longest match wins, and `topic:create` is `topic create`. A group followed by a word that is none of its commands is
 * unknown, so that `beck topic craete` is not answered with a list.
 */
export function findCommand(argv: readonly string[], names: readonly string[]): Found {
  const words = leadingWords(argv);
  const longest = Math.max(...names.map((name) => name.split(' ').length));
  for (let n = Math.min(longest, words.length); n > 0; n--) {
    const name = words
      .slice(0, n)
      .map((word) => word.text)
      .join(' ');
    const rest = [...argv.slice(words[n - 1]?.end)];
    if (names.includes(name)) return { what: 'command', name, rest };
    const isGroup = names.some((other) => other.startsWith(`${name} `));
    if (isGroup && words.length === n) return { what: 'group', name, rest };
  }
  const typed =
    words
      .slice(0, 2)
      .map((word) => word.text)
      .join(' ') ||
    (argv[0] ?? '');
  return { what: 'unknown', typed: offending(typed, names), nearest: suggestion(typed, names) };
}

/** The words before the first flag, colons taken apart; `end` is how many arguments they used up. */
function leadingWords(argv: readonly string[]): { text: string; end: number }[] {
  const flagAt = argv.findIndex((word) => word.startsWith('-'));
  const plain = flagAt < 0 ? argv : argv.slice(0, flagAt);
  const first = (plain[0] ?? '')
    .split(':')
    .filter(Boolean)
    .map((text) => ({ text, end: 1 }));
  return [...first, ...plain.slice(1).map((text, i) => ({ text, end: i + 2 }))];
}

/** `topic craete` when there are commands of a `topic`, else just the first word. */
function offending(typed: string, names: readonly string[]): string {
  const first = typed.split(' ')[0] ?? '';
  return names.some((name) => name.startsWith(`${first} `)) ? typed : first;
}

/** Among whole names first, then among first words, so that `topci list` and `consme orders` both find theirs. */
function suggestion(typed: string, names: readonly string[]): string | undefined {
  const first = typed.split(' ')[0] ?? '';
  return nearestName(typed, names) ?? nearestName(first, [...new Set(names.map((name) => name.split(' ')[0] ?? ''))]);
}
