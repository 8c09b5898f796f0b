import type { NewRecord } from '../types.ts';

/** The record in memory of its own: the input's is used again. */
export function copyRecord<T extends Pick<NewRecord, 'key' | 'value' | 'headers'>>(record: T): T {
  const { key, value, headers } = record;
  const copied = headers.map((header) => ({ name: Buffer.from(header.name), value: copyBytes(header.value) }));
  return { ...record, key: copyBytes(key), value: copyBytes(value), headers: copied };
}

function copyBytes(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes);
}
