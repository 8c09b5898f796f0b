/**
 * Decodes a raw snappy block (google/snappy, format_description.txt), for where the native package is missing. snappyjs is
 * not trusted with it: 0.7.0 hangs on some malformed literals and takes a block that is too short or too long for a whole one.
 */
export function decodeSnappyBlock(block: Uint8Array): Buffer {
  const out = Buffer.allocUnsafeSlow(plainLength(block));
  let from = lengthBytes(block);
  let to = 0;
  while (from < block.length) {
    const tag = block[from] as number;
    const literal = (tag & 3) === 0;
    const extra = literal ? Math.max((tag >>> 2) - 59, 0) : (COPY_BYTES[tag & 3] as number);
    if (from + 1 + extra > block.length) throw new Error('truncated within a tag');
    const number = readLittle(block, from + 1, extra);
    from += 1 + extra;
    const length = literal ? 1 + (extra === 0 ? tag >>> 2 : number) : copyLength(tag);
    if (to + length > out.length) throw new Error('more bytes than the block declares');
    if (literal) {
      if (from + length > block.length) throw new Error('truncated within a literal');
      out.set(block.subarray(from, from + length), to);
      from += length;
    } else copyBack(out, to, (tag & 3) === 1 ? number | ((tag >>> 5) << 8) : number, length);
    to += length;
  }
  if (to !== out.length) throw new Error('fewer bytes than the block declares');
  return out;
}

/** The plain bytes that a block declares. @throws Error when it begins with no length */
export function plainLength(block: Uint8Array): number {
  let length = 0;
  for (let i = 0; i < lengthBytes(block); i++) length += ((block[i] as number) & 0x7f) * 2 ** (7 * i);
  return length;
}

/** Bytes of a copy's offset, by the two lowest bits of its tag. */
const COPY_BYTES = [0, 1, 2, 4];

/** Bytes of the varint at the beginning. */
function lengthBytes(block: Uint8Array): number {
  for (let i = 0; i < 5 && i < block.length; i++) if ((block[i] as number) < 0x80) return i + 1;
  throw new Error('no length at the beginning');
}

function copyLength(tag: number): number {
  return (tag & 3) === 1 ? 4 + ((tag >>> 2) & 7) : 1 + (tag >>> 2);
}

function readLittle(block: Uint8Array, at: number, bytes: number): number {
  let number = 0;
  for (let i = 0; i < bytes; i++) number += (block[at + i] as number) * 2 ** (8 * i);
  return number;
}

/** A copy may overlap itself: then it repeats, so it goes byte by byte. */
function copyBack(out: Buffer, to: number, offset: number, length: number): void {
  if (offset === 0 || offset > to) throw new Error('a copy from before the beginning');
  if (offset >= length) out.copyWithin(to, to - offset, to - offset + length);
  else for (let i = 0; i < length; i++) out[to + i] = out[to - offset + i] as number;
}
