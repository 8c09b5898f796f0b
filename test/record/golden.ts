import { readFileSync } from 'node:fs';
import { splitBatches } from '../../src/record/batch.ts';
import type { StoredRecord } from '../../src/types.ts';

const folder = new URL('../golden/', import.meta.url);

/** The batches of a partition that a real Kafka stored. */
export function goldenBatches(name: string): Buffer[] {
  return splitBatches(readFileSync(new URL(`${name}.log`, folder)));
}

/** The lines of a `.jsonl` file, parsed. */
export function goldenLines<T>(name: string): T[] {
  const lines = readFileSync(new URL(`${name}.jsonl`, folder), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}

/** A record as it stands in a golden `.jsonl`, without its topic and partition. */
export interface GoldenRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly timestampType: string;
  readonly key: unknown;
  readonly value: unknown;
  readonly headers: readonly (readonly [unknown, unknown])[];
}

/** A decoded record in the form of the golden lines: text where the bytes are UTF-8, else `{base64}`. */
export function toGolden(record: StoredRecord, timestampType: string): GoldenRecord {
  const { offset, timestamp, key, value, headers } = record;
  return {
    offset,
    timestamp,
    timestampType,
    key: text(key),
    value: text(value),
    headers: headers.map((h) => [text(h.name), text(h.value)]),
  };
}

function text(bytes: Buffer | null): unknown {
  if (bytes === null) return null;
  const string = bytes.toString('utf8');
  return Buffer.from(string).equals(bytes) ? string : { base64: bytes.toString('base64') };
}
