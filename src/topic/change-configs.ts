import { BrokerError } from '../errors.ts';
import { type Overrides, requireConfig } from './configs.ts';

/** One step of KIP-339: `append` and `subtract` change the items of a list. */
export interface ConfigStep {
  readonly name: string;
  readonly operation: 'set' | 'delete' | 'append' | 'subtract';
  /** Counts for nothing under `delete`. */
  readonly value: string;
}

/** What `Topics.alterConfigs` takes. */
export interface ConfigPlan {
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

/**
 * What steps mean for a topic that has these overrides (org.apache.kafka.controller.ConfigurationControlManager). Throws
 * INVALID_CONFIG for a config that Kafka does not have, and for items of one that is no list.
 */
export function planSteps(overrides: Overrides, steps: readonly ConfigStep[]): ConfigPlan {
  const set = steps
    .filter(({ operation }) => operation !== 'delete')
    .map((step) => [step.name, valueAfter(overrides, step)] as const);
  const unset = steps.filter(({ operation }) => operation === 'delete').map(({ name }) => name);
  return { set: Object.fromEntries(set), unset };
}

/** As `planSteps`, where these are all that the topic shall say itself: what it says else goes. */
export function planReplacement(overrides: Overrides, configs: Readonly<Record<string, string>>): ConfigPlan {
  return { set: configs, unset: [...overrides.keys()].filter((name) => !Object.hasOwn(configs, name)) };
}

function valueAfter(overrides: Overrides, { name, operation, value }: ConfigStep): string {
  if (operation === 'set') return value;
  const row = requireConfig(name);
  if (row.type !== 'list') throw new BrokerError('INVALID_CONFIG', { problem: `${name} is no list of items` });
  const now = itemsOf(overrides.get(name) ?? row.default);
  const given = itemsOf(value);
  const after = operation === 'append' ? new Set([...now, ...given]) : now.filter((item) => !given.includes(item));
  return [...after].join(',');
}

function itemsOf(list: string): string[] {
  return list.split(',').filter((item) => item !== '');
}
