import type { ConfigValue } from '../../client/cluster.ts';
import { configRow } from '../../topic/config-table.ts';
import type { Column } from '../table.ts';
import { bytes, keptFor } from '../units.ts';

/** Long.MAX_VALUE, by which Kafka says never. */
const NEVER = '9223372036854775807';

/** A config as a person reads it: `3600000 (1 h)`. */
export function configText(name: string, value: string): string {
  const meaning = value === NEVER ? 'no limit' : meaningOf(name, Number(value));
  return meaning === undefined ? value || '(empty)' : `${value} (${meaning})`;
}

/** Known by the end of its name, so that configs of other brokers are understood as well. */
function meaningOf(name: string, value: number): string | undefined {
  if (Number.isNaN(value) || value < -1) return undefined;
  if (name.endsWith('.ms')) return keptFor(value);
  if (name.endsWith('.bytes')) return value < 0 ? 'no limit' : bytes(value);
  return undefined;
}

export const CONFIG_COLUMNS: readonly Column<ConfigValue>[] = [
  { title: 'CONFIG', value: ({ name }) => name },
  {
    title: 'VALUE',
    value: ({ name, value }) => configText(name, value),
    paint: (row, style) => (isChanged(row) ? style.bold : undefined),
  },
  { title: 'DEFAULT', value: (row) => configText(row.name, row.default), drop: 2, paint: (_, style) => style.dim },
];

export const ALL_CONFIG_COLUMNS: readonly Column<ConfigValue>[] = [
  ...CONFIG_COLUMNS,
  { title: 'MEANING', value: ({ doc }) => doc, drop: 1 },
];

/** Whether a config is not what it would be by itself. */
export function isChanged({ value, default: byDefault }: ConfigValue): boolean {
  return value !== byDefault;
}

export interface ConfigDocument {
  readonly config: string;
  readonly value: string | number | boolean;
  readonly default: string | number | boolean;
  readonly meaning: string;
}

/** Numbers are numbers, but for those that a JSON number could not hold exactly: they stay the digits that `-c` takes. */
export function configDocument({ name, value, default: byDefault, doc }: ConfigValue): ConfigDocument {
  return { config: name, value: exactValue(name, value), default: exactValue(name, byDefault), meaning: doc };
}

function exactValue(name: string, value: string): string | number | boolean {
  const type = configRow(name)?.type;
  if (type === 'boolean') return value === 'true';
  if (type !== 'int' && type !== 'long' && type !== 'double') return value;
  const number = Number(value);
  return type === 'double' || Number.isSafeInteger(number) ? number : value;
}
