import { BrokerError } from '../../errors.ts';

/** The escapes of `-D`, `-K` and templates that are one letter. `\xNN` is the other one. */
const LETTERS: Readonly<Record<string, number>> = { t: 0x09, n: 0x0a, r: 0x0d, '0': 0x00, '\\': 0x5c };

/** What an escape stands for, and where the text goes on after it. */
export interface Escape {
  readonly byte: number;
  readonly next: number;
}

/** Reads the escape whose backslash is at `at`; undefined when there is no such escape. */
export function readEscape(text: string, at: number): Escape | undefined {
  const letter = text.charAt(at + 1);
  const byte = LETTERS[letter];
  if (byte !== undefined) return { byte, next: at + 2 };
  const hex = text.slice(at + 2, at + 4);
  if (letter === 'x' && /^[0-9a-fA-F]{2}$/.test(hex)) return { byte: Number.parseInt(hex, 16), next: at + 4 };
  return undefined;
}

/**
 * The bytes that a delimiter on the command line stands for: `\t \n \r \0 \\ \xNN`, and every other character as its UTF-8
 * (a real tab too).
 * @throws BrokerError USAGE on an unknown escape
 */
export function unescape(text: string): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', from)) {
    const escape = readEscape(text, at);
    if (escape === undefined) throw unknownEscape(text, at);
    parts.push(Buffer.from(text.slice(from, at)), Buffer.of(escape.byte));
    from = escape.next;
  }
  return Buffer.concat([...parts, Buffer.from(text.slice(from))]);
}

function unknownEscape(text: string, at: number): BrokerError {
  const what = at + 1 < text.length ? `there is no escape '${text.slice(at, at + 2)}'` : 'a backslash escapes nothing';
  return new BrokerError('USAGE', { problem: `'${text}', character ${at + 1}: ${what}`, hint: ESCAPES_HINT });
}

export const ESCAPES_HINT = 'the escapes are \\t \\n \\r \\0 \\\\ and \\xNN';
