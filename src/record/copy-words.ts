/** Up to here (bytes) `copyWords` beats `set`, which wants a view of the part: an object to make, and to collect again. */
export const WORDS_BEAT_SET = 256;

/** Copies bytes between different memories, four at a time; the last four overlap those before them. */
export function copyWords(from: DataView, start: number, to: DataView, at: number, length: number): void {
  if (length < 4) {
    for (let i = 0; i < length; i++) to.setUint8(at + i, from.getUint8(start + i));
    return;
  }
  const last = length - 4;
  for (let i = 0; i < last; i += 4) to.setInt32(at + i, from.getInt32(start + i, true), true);
  to.setInt32(at + last, from.getInt32(start + last, true), true);
}
