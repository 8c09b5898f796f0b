/** The offsets of a group as a file: what `group export` writes and `group import` and `group reset --from-file` read. */
import type { StoredOffset } from '../../client/cluster.ts';
import { BrokerError } from '../../errors.ts';
import { OFFSET_METADATA_BYTES } from '../../group/offsets/commit-offsets.ts';

export interface OffsetsDocument {
  readonly group: string;
  readonly offsets: readonly StoredOffset[];
}

/** The document with an offset a line, so that two of them can be compared by `diff`. */
export function offsetsText({ group, offsets }: OffsetsDocument): string {
  const lines = offsets.map((offset) => `\n  ${JSON.stringify(offset)}`).join(',');
  return `{"group":${JSON.stringify(group)},"offsets":[${lines}${lines === '' ? '' : '\n'}]}\n`;
}

/** What each offset must have, and what it is called when it has not. `metadata` may be left out. */
const FIELDS: readonly (readonly [name: keyof StoredOffset, isRight: (value: unknown) => boolean, wanted: string])[] = [
  ['topic', (value) => typeof value === 'string' && value !== '', 'the name of a topic'],
  ['partition', isWhole, 'a whole number from 0'],
  ['offset', isWhole, 'a whole number from 0'],
  ['metadata', isMetadata, `a string of at most ${OFFSET_METADATA_BYTES} bytes`],
];

/** Reads such a file. `where` names it. Throws INVALID_INPUT saying what is wrong and where. */
export function parseOffsets(text: string, where: string): StoredOffset[] {
  const document = parseJson(text, where);
  const offsets = isObject(document) ? document['offsets'] : undefined;
  if (!Array.isArray(offsets))
    throw invalid(where, 'it is no {"group":…,"offsets":[…]}, as `beck group export` writes it');
  const read = offsets.map((each: unknown, i) => storedOffset(each, `${where}, offset ${i + 1}`));
  refuseTwice(read, where);
  return read;
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(where, `it is no JSON: ${(cause as Error).message}`);
  }
}

function storedOffset(given: unknown, where: string): StoredOffset {
  if (!isObject(given)) throw invalid(where, 'it is no object');
  const unknown = Object.keys(given).find((name) => !FIELDS.some(([known]) => known === name));
  if (unknown !== undefined) throw invalid(where, `there is no field '${unknown}'`);
  for (const [name, isRight, wanted] of FIELDS)
    if (!isRight(given[name]))
      throw invalid(where, `${name} wants ${wanted}; not ${JSON.stringify(given[name]) ?? 'nothing'}`);
  const { topic, partition, offset, metadata = '' } = given as unknown as StoredOffset;
  return { topic, partition, offset, metadata };
}

function refuseTwice(offsets: readonly StoredOffset[], where: string): void {
  const seen = new Set<string>();
  for (const { topic, partition } of offsets) {
    if (seen.has(`${topic} ${partition}`)) throw invalid(where, `${topic} ${partition} is there twice`);
    seen.add(`${topic} ${partition}`);
  }
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isMetadata(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && Buffer.byteLength(value) <= OFFSET_METADATA_BYTES);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(where: string, problem: string): BrokerError {
  return new BrokerError('INVALID_INPUT', { where, problem });
}
