import type { Header, NewRecord } from '../../types.ts';
import { decodeBase64 } from '../template/texts.ts';
import { shown } from './refusals.ts';

/** The fields of a record in JSONL, in the order in which they are printed; docs/record.schema.json says the same. */
export const RECORD_FIELDS = [
  'topic',
  'partition',
  'offset',
  'timestamp',
  'timestampType',
  'key',
  'value',
  'headers',
] as const;

/** Why a line is no record: a sentence that names the field. */
export class NoRecord extends Error {}

type Fields = Readonly<Record<string, unknown>>;

const MOST_PARTITION = 0x7fffffff;

/** A character that UTF-8 cannot hold. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The record that a line of JSON says. `topic`, `offset` and `timestampType` must be right and mean nothing here: where a record
 * goes is for the command line, which offset it gets for the log.
 * @throws NoRecord
 */
export function readJsonRecord(line: string): NewRecord {
  const fields = parse(line);
  for (const name in fields) check(name, fields[name]);
  if (!Object.hasOwn(fields, 'value')) throw new NoRecord('value is missing; a tombstone says "value":null');
  return {
    key: Object.hasOwn(fields, 'key') ? bytesOf('key', fields.key) : null,
    value: bytesOf('value', fields.value),
    headers: fields.headers === undefined ? [] : headersOf(fields.headers),
    timestamp: fields.timestamp as number | undefined,
    partition: fields.partition as number | undefined,
  };
}

function parse(line: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new NoRecord(notJson(line, (error as Error).message));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new NoRecord(`a record is a JSON object, not ${kindOf(value)}`);
  return value as Fields;
}

/** Where V8 says where the trouble is, that is shown too; for short texts it does not. */
function notJson(line: string, reason: string): string {
  if (line.startsWith('\ufeff')) return 'the line begins with a byte order mark, which JSON does not have';
  const position = /position (\d+)/.exec(reason)?.[1];
  return `not JSON${position === undefined ? '' : ` from character ${Number(position) + 1} on`}: ${shown(Buffer.from(line))}`;
}

/** What each field must be, beside key, value and headers. */
const CHECKS: Readonly<Record<string, readonly [wanted: string, ok: (value: unknown) => boolean]>> = {
  topic: ['a string', (value) => typeof value === 'string'],
  partition: [
    'a whole number from 0 to 2147483647',
    (value) => isWhole(value) && value >= 0 && value <= MOST_PARTITION,
  ],
  offset: ['a whole number from 0 on', (value) => isWhole(value) && value >= 0],
  timestamp: ['a whole number of milliseconds', isWhole],
  timestampType: ['"CreateTime" or "LogAppendTime"', (value) => value === 'CreateTime' || value === 'LogAppendTime'],
};

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function check(name: string, value: unknown): void {
  const row = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
  if (row !== undefined) {
    if (!row[1](value)) throw new NoRecord(`${name} wants ${row[0]}, not ${kindOf(value)}`);
  } else if (!(RECORD_FIELDS as readonly string[]).includes(name)) {
    throw new NoRecord(`there is no field '${name}'; a record has ${RECORD_FIELDS.join(', ')}`);
  }
}

function headersOf(value: unknown): Header[] {
  if (!Array.isArray(value))
    throw new NoRecord(`headers wants an array of ["name","value"] pairs, not ${kindOf(value)}`);
  return value.map((pair: unknown, i) => {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new NoRecord(`headers[${i}] wants a ["name","value"] pair, not ${kindOf(pair)}`);
    const name = bytesOf(`the name of headers[${i}]`, pair[0]);
    if (name === null) throw new NoRecord(`the name of headers[${i}] wants a string or {"base64":"…"}, not null`);
    return { name, value: bytesOf(`the value of headers[${i}]`, pair[1]) };
  });
}

function bytesOf(name: string, value: unknown): Buffer | null {
  if (value === null) return null;
  if (typeof value === 'string') {
    if (LONE_SURROGATE.test(value))
      throw new NoRecord(`${name} has half of a surrogate pair, which is no character; bytes are {"base64":"…"}`);
    return Buffer.from(value, 'utf8');
  }
  const base64 = onlyField(value, 'base64');
  if (typeof base64 !== 'string')
    throw new NoRecord(`${name} wants a string, null or {"base64":"…"}, not ${kindOf(value)}`);
  const bytes = decodeBase64(base64);
  if (bytes === null)
    throw new NoRecord(
      `the base64 of ${name} is not valid: ${shown(Buffer.from(base64))} (standard alphabet, padded with =)`,
    );
  return bytes;
}

/** The value of an object's only field; undefined when it has others, or is no object. */
function onlyField(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.keys(value).length === 1 ? (value as Fields)[name] : undefined;
}

/** What a value is, as a person says it. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object')
    return `an object with ${
      Object.keys(value)
        .slice(0, 3)
        .map((key) => `'${key}'`)
        .join(', ') || 'nothing'
    }`;
  return typeof value === 'string' ? `the string ${shown(Buffer.from(value))}` : `${String(value)}`;
}
