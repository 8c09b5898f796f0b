import { unescape } from './template/escapes.ts';

const NEWLINE = Buffer.from('\n');
const NUL = Buffer.of(0);

/** `-D` and `-0`, which mean the same for what is read and for what is printed. Throws USAGE for an unknown escape. */
export function delimiterOf(flags: { readonly delimiter?: string | undefined; readonly null: boolean }): Buffer {
  if (flags.null) return NUL;
  return flags.delimiter === undefined ? NEWLINE : unescape(flags.delimiter);
}
