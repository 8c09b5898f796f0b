import { isUtf8 } from 'node:buffer';
import type { OutputBuffer } from './output-buffer.ts';

const QUOTE = 0x22;
const NULL = Buffer.from('null');
const ESCAPED = 1;
const BEYOND_ASCII = 2;

/** What a byte means for the string it stands in: nothing, that it must be escaped, that it is part of a longer character. */
const KIND = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x80 ? BEYOND_ASCII : JSON.stringify(String.fromCharCode(byte)).length > 3 ? ESCAPED : 0,
);

/** How each byte that must be escaped is, as `JSON.stringify` does it. */
const ESCAPES = Array.from({ length: 128 }, (_, byte) =>
  Buffer.from(JSON.stringify(String.fromCharCode(byte)).slice(1, -1)),
);

/**
 * Prints bytes as JSON, so that they can be told again: a string where they are valid UTF-8 (a byte order mark is a character like
 * others), else `{"base64":"…"}`; null where `length` is negative.
 */
export function jsonBytes(out: OutputBuffer, src: Buffer, start: number, length: number): void {
  if (length < 0) return out.bytes(NULL);
  const end = start + length;
  let kinds = 0;
  for (let i = start; i < end; i++) kinds |= KIND[src[i] as number] as number;
  if ((kinds & BEYOND_ASCII) !== 0 && !isUtf8(src.subarray(start, end)))
    return out.text(`{"base64":"${src.toString('base64', start, end)}"}`);
  out.byte(QUOTE);
  if ((kinds & ESCAPED) === 0) out.bytes(src, start, end);
  else escaped(out, src, start, end);
  out.byte(QUOTE);
}

function escaped(out: OutputBuffer, src: Buffer, start: number, end: number): void {
  let from = start;
  for (let i = start; i < end; i++) {
    const byte = src[i] as number;
    if (KIND[byte] !== ESCAPED) continue;
    out.bytes(src, from, i);
    out.bytes(ESCAPES[byte] as Buffer);
    from = i + 1;
  }
  out.bytes(src, from, end);
}
