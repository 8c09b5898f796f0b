import { BrokerError, groupDigits } from '../errors.ts';
import type { ConfigRow } from './config-table.ts';
import { parseDuration, parseSize } from './units.ts';

const TYPE_BOUNDS = {
  int: { min: -(2n ** 31n), max: 2n ** 31n - 1n },
  long: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
} as const;

const CANONICAL: Readonly<Record<ConfigRow['type'], (row: ConfigRow, text: string) => string | undefined>> = {
  boolean: (_, text) => (/^(true|false)$/i.test(text) ? text.toLowerCase() : undefined),
  double: canonicalDouble,
  int: canonicalInteger,
  list: canonicalList,
  long: canonicalInteger,
  string: (row, text) => (row.words?.includes(text) ? text : undefined),
};

/**
 * One value as Kafka itself would keep it: `7d` becomes `604800000`, ` TRUE` becomes `true`. Kafka's own laxness is kept
 * (org.apache.kafka.common.config.ConfigDef.parseType): white space around, a leading `+`, any case of true and false.
 * Throws INVALID_CONFIG with a sentence that says what is wanted.
 */
export function canonicalValue(row: ConfigRow, value: string): string {
  const canonical = CANONICAL[row.type](row, value.trim());
  if (canonical === undefined)
    throw new BrokerError('INVALID_CONFIG', { problem: `${row.name} wants ${wanted(row)}; not '${value}'` });
  return canonical;
}

function canonicalInteger(row: ConfigRow, text: string): string | undefined {
  const number = /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, '')) : withUnit(row, text);
  if (number === undefined) return undefined;
  const { min, max } = integerBounds(row);
  return (number >= min && number <= max) || String(number) === row.also ? String(number) : undefined;
}

function withUnit(row: ConfigRow, text: string): bigint | undefined {
  const number = row.unit === 'ms' ? parseDuration(text) : row.unit === 'bytes' ? parseSize(text) : undefined;
  return number === undefined ? undefined : BigInt(number);
}

function integerBounds(row: ConfigRow): { min: bigint; max: bigint } {
  const { min, max } = TYPE_BOUNDS[row.type as 'int' | 'long'];
  return { min: row.min === undefined ? min : BigInt(row.min), max: row.max === undefined ? max : BigInt(row.max) };
}

function canonicalDouble(row: ConfigRow, text: string): string | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  const number = Number(text);
  return number >= Number(row.min) && number <= Number(row.max) ? String(number) : undefined;
}

/** An item twice is one item, and an empty list is a value (KIP-1161). */
function canonicalList(row: ConfigRow, text: string): string | undefined {
  if (text === '' || (row.item !== undefined && text === '*')) return text;
  const items = text.split(',').map((item) => item.trim());
  const allowed = items.every((item) => row.words?.includes(item) ?? row.item?.pattern.test(item));
  return allowed ? [...new Set(items)].join(',') : undefined;
}

function wanted(row: ConfigRow): string {
  if (row.type === 'boolean') return 'true or false';
  if (row.type === 'double') return `a number from ${row.min} to ${row.max}`;
  if (row.type === 'list') return row.item?.wants ?? `a list of ${row.words?.join(', ')}`;
  if (row.type === 'string') return `one of ${row.words?.join(', ')}`;
  const special = row.special === undefined ? bounds(row) : `, ${row.special}`;
  const also = row.also === undefined ? '' : ` or ${row.also}`;
  const example =
    row.unit === 'ms' ? ', or a duration such as 7d' : row.unit === 'bytes' ? ', or a size such as 1MB' : '';
  const unit = row.unit === 'ms' ? ' of milliseconds' : row.unit === 'bytes' ? ' of bytes' : '';
  return `a whole number${unit}${special}${also}${example}`;
}

function bounds(row: ConfigRow): string {
  const [min, max] = [row.min, row.max].map((bound) => (bound === undefined ? undefined : groupDigits(Number(bound))));
  return max === undefined ? ` from ${min} on` : ` from ${min} to ${max}`;
}
