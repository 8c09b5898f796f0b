const TWO_32 = 2 ** 32;

/** Reads a big-endian signed 64-bit integer as a number; exact within ±2^53, near otherwise (the caller checks). */
export function readInt64(blob: Buffer, at: number): number {
  return blob.readInt32BE(at) * TWO_32 + blob.readUInt32BE(at + 4);
}

/** Writes a safe integer as a big-endian signed 64-bit one. */
export function writeInt64(blob: Buffer, at: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  blob.writeInt32BE(high, at);
  blob.writeUInt32BE(value - high * TWO_32, at + 4);
}
