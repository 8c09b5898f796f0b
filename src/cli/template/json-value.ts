import { isUtf8 } from 'node:buffer';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const isSpace = (c: number): boolean => c === 0x20 || (c >= 0x09 && c <= 0x0d && c !== 0x0b && c !== 0x0c);

/** A letter or a digit, or what else a number may hold. */
const isScalar = (c: number): boolean =>
  (c >= 0x30 && c <= 0x39) ||
  (c >= 0x41 && c <= 0x5a) ||
  (c >= 0x61 && c <= 0x7a) ||
  c === 0x2b ||
  c === 0x2d ||
  c === 0x2e;

/**
 * Where the JSON value that begins at `at`, after white space, ends. `more`: it may go on behind `end` (a number at the very end
 * of what has arrived, unless that is `final`). `none`: no value begins here. Whether it is valid is for `compactJson` to say.
 */
export function jsonEnd(bytes: Buffer, at: number, end: number, final: boolean): number | 'more' | 'none' {
  let from = at;
  while (from < end && isSpace(bytes[from] as number)) from++;
  if (from === end) return 'more';
  const first = bytes[from] as number;
  if (first === QUOTE) return stringEnd(bytes, from, end) ?? 'more';
  if (first === 0x7b || first === 0x5b) return nestedEnd(bytes, from, end) ?? 'more';
  if (!isScalar(first)) return 'none';
  let to = from;
  while (to < end && isScalar(bytes[to] as number)) to++;
  return to < end || final ? to : 'more';
}

function stringEnd(bytes: Buffer, at: number, end: number): number | undefined {
  for (let i = at + 1; i < end; i++) {
    if (bytes[i] === BACKSLASH) i++;
    else if (bytes[i] === QUOTE) return i + 1;
  }
  return undefined;
}

function nestedEnd(bytes: Buffer, at: number, end: number): number | undefined {
  let depth = 0;
  for (let i = at; i < end; i++) {
    const c = bytes[i] as number;
    if (c === QUOTE) {
      const to = stringEnd(bytes, i, end);
      if (to === undefined) return undefined;
      i = to - 1;
    } else if (c === 0x7b || c === 0x5b) depth++;
    else if ((c === 0x7d || c === 0x5d) && --depth === 0) return i + 1;
  }
  return undefined;
}

/** The value without the white space that is outside its strings, numbers as they were written; null when it is not JSON. */
export function compactJson(bytes: Buffer): Buffer | null {
  if (!isUtf8(bytes)) return null;
  try {
    JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
  return withoutSpace(bytes);
}

function withoutSpace(bytes: Buffer): Buffer {
  const compact = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i] as number;
    if (isSpace(c)) continue;
    const to = c === QUOTE ? (stringEnd(bytes, i, bytes.length) as number) : i + 1;
    length += bytes.copy(compact, length, i, to);
    i = to - 1;
  }
  return compact.subarray(0, length);
}
