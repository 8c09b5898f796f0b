import { isUtf8 } from 'node:buffer';
import { printable } from '../printable.ts';
import { NOTHING } from '../units.ts';

/** What a person sees of a text that is there and has no character. */
const EMPTY = '""';

/** Characters that turn the direction of writing, end a line or take no room, and so would not show as what they are. */
const UNSEEN = /[\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Bytes as one line of text: null, empty and "null" look different, and what would not show is escaped. */
export function visibleText(bytes: Buffer | null): string {
  if (bytes === null) return NOTHING;
  if (bytes.length === 0) return EMPTY;
  if (isUtf8(bytes))
    return printable(bytes.toString('utf8')).replace(UNSEEN, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
  return printable(bytes.toString('latin1').replace(/[\x80-\xff]/g, (c) => `\\x${c.charCodeAt(0).toString(16)}`));
}
