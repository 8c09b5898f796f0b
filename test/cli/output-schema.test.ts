import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECORD_FIELDS } from '../../src/cli/input/jsonl-record.ts';
import { parse } from './input-collector.ts';
import { print } from './output-print.ts';

interface Schema {
  readonly [keyword: string]: unknown;
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: false;
  readonly prefixItems?: readonly Schema[];
  readonly items?: Schema | false;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}

const schema = JSON.parse(readFileSync(new URL('../../docs/record.schema.json', import.meta.url), 'utf8')) as Schema & {
  $defs: Record<string, Schema>;
};

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  null: (value) => value === null,
};

/** The keywords that the schema uses, and no others. */
const KEYWORDS: Readonly<Record<string, (value: unknown, rule: never, whole: Schema) => boolean>> = {
  $ref: (value, ref: string) => valid(value, schema.$defs[ref.replace('#/$defs/', '')] as Schema),
  type: (value, type: string) => TYPES[type]?.(value) === true,
  enum: (value, all: unknown[]) => all.includes(value),
  oneOf: (value, all: Schema[]) => all.filter((one) => valid(value, one)).length === 1,
  required: (value, names: string[]) => names.every((name) => Object.hasOwn(value as object, name)),
  properties: (value, fields: Record<string, Schema>) =>
    Object.entries(value as object).every(
      ([name, field]) => !Object.hasOwn(fields, name) || valid(field, fields[name] as Schema),
    ),
  additionalProperties: (value, _, { properties = {} }) =>
    Object.keys(value as object).every((name) => Object.hasOwn(properties, name)),
  prefixItems: (value, all: Schema[]) =>
    (value as unknown[]).every((item, i) => all[i] === undefined || valid(item, all[i])),
  items: (value, each: Schema | false, { prefixItems = [] }) =>
    (value as unknown[]).slice(prefixItems.length).every((item) => each !== false && valid(item, each)),
  minItems: (value, least: number) => (value as unknown[]).length >= least,
  minimum: (value, least: number) => (value as number) >= least,
  maximum: (value, most: number) => (value as number) <= most,
  pattern: (value, text: string) => new RegExp(text).test(value as string),
};
const TALK = new Set(['$schema', 'title', 'description', '$defs', 'contentEncoding']);

function valid(value: unknown, rules: Schema): boolean {
  const { type, ...others } = rules;
  if (type !== undefined && TYPES[type]?.(value) !== true) return false;
  return Object.entries(others).every(
    ([keyword, rule]) =>
      TALK.has(keyword) || (KEYWORDS[keyword] as (typeof KEYWORDS)[string])(value, rule as never, rules),
  );
}

describe('docs/record.schema.json', () => {
  it('has the fields of a record, in their order', () => {
    expect(Object.keys(schema.properties as object)).toEqual(RECORD_FIELDS);
  });

  it('holds for whatever is printed', () => {
    const bytes = fc.oneof(
      fc.string().map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 9 }).map((array) => Buffer.from(array)),
    );
    const nullable = fc.option(bytes, { nil: null });
    const record = fc.record({
      key: nullable,
      value: nullable,
      headers: fc.array(fc.record({ name: bytes, value: nullable }), { maxLength: 3 }),
      timestamp: fc.integer({ min: -1 }),
    });
    fc.assert(
      fc.property(record, (given) => {
        const line = print('jsonl', [given]).toString();
        expect(valid(JSON.parse(line), schema)).toBe(true);
        expect(Object.keys(JSON.parse(line))).toEqual(RECORD_FIELDS);
      }),
    );
  });

  it.each([
    '{"value":"a"}',
    '{"value":null,"key":null,"headers":[]}',
    '{"value":{"base64":"AA=="},"timestamp":0,"headers":[["a",null],[{"base64":""},"b"]]}',
    '{}',
    '[]',
    '{"key":"a"}',
    '{"value":1}',
    '{"value":"a","vaule":"b"}',
    '{"value":"a","partition":-1}',
    '{"value":"a","partition":2147483648}',
    '{"value":"a","partition":1.5}',
    '{"value":"a","offset":-1}',
    '{"value":"a","offset":9007199254740992}',
    '{"value":"a","timestamp":"1"}',
    '{"value":"a","timestampType":"none"}',
    '{"value":"a","topic":null}',
    '{"value":{"base64":"AA"}}',
    '{"value":{"base64":"A_=="}}',
    '{"value":{"base64":"","x":1}}',
    '{"value":"a","headers":null}',
    '{"value":"a","headers":[["a"]]}',
    '{"value":"a","headers":[["a","b","c"]]}',
    '{"value":"a","headers":[[null,"b"]]}',
  ])('says of %s what `produce -i jsonl` says', (line) => {
    const [got] = parse('jsonl', {}, line);
    expect(valid(JSON.parse(line), schema)).toBe(got?.refused === undefined);
  });
});
