import type { NewResponse } from '../protocol/api.ts';
import type { describeConfigs } from '../protocol/messages/32-describe-configs.ts';
import type { ConfigRow } from '../topic/config-table.ts';
import { CONFIG_SOURCE } from './config-source.ts';

export type ConfigEntry = NewResponse<typeof describeConfigs>['results'][number]['configs'][number];

/** org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigType */
const TYPES: Readonly<Record<ConfigRow['type'], number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  long: 5,
  double: 6,
  list: 7,
};

/** One config as DescribeConfigs shows it. */
export interface ShownConfig {
  readonly name: string;
  readonly value: string;
  readonly default: string;
  readonly type: ConfigRow['type'];
  readonly doc: string;
  /** Where the value comes from when it is not the default. */
  readonly source: (typeof CONFIG_SOURCE)['topic' | 'static'];
  readonly overridden: boolean;
}

/** What of it a client wants to see. */
export interface ShownParts {
  readonly includeSynonyms: boolean;
  readonly includeDocumentation: boolean;
}

export function configEntry(config: ShownConfig, { includeSynonyms, includeDocumentation }: ShownParts): ConfigEntry {
  const { name, value, overridden } = config;
  const byDefault = { name, value: config.default, source: CONFIG_SOURCE.default };
  const own = overridden ? [{ name, value, source: config.source }] : [];
  return {
    name,
    value,
    readOnly: config.source === CONFIG_SOURCE.static,
    isDefault: !overridden,
    configSource: overridden ? config.source : CONFIG_SOURCE.default,
    isSensitive: false,
    synonyms: includeSynonyms ? [...own, byDefault] : [],
    configType: TYPES[config.type],
    documentation: includeDocumentation ? config.doc : null,
  };
}
