/** Flags of the commands that make and change topics. */
import * as Flags from '@oclif/core/flags';
import { BrokerError } from '../errors.ts';
import { TOPIC_CONFIGS } from '../topic/config-table.ts';
import { configText } from './pages/topic-configs.ts';

/** `-c key=value`, as often as wanted. */
export const configFlag = Flags.string({
  char: 'c',
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'key=value',
  summary: 'a topic config of Kafka; durations and sizes may have their unit (7d, 1GB)',
});

/** `--unset key`, as often as wanted. */
export const unsetFlag = Flags.string({
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'key',
  summary: 'let a config have its default again',
});

/** What `-c` was given, by key; the last one counts, as in Kafka's own tools. Throws USAGE for one without `=`. */
export function configsOf(given: readonly string[] | undefined): Record<string, string> {
  return Object.fromEntries((given ?? []).map(keyAndValue));
}

function keyAndValue(pair: string): readonly [string, string] {
  const at = pair.indexOf('=');
  if (at < 1)
    throw new BrokerError('USAGE', {
      problem: `-c wants key=value; not '${pair}'`,
      hint: 'for example -c retention.ms=7d',
    });
  return [pair.slice(0, at).trim(), pair.slice(at + 1)];
}

/** All the configs there are, for the help of the commands that take them. */
export function configHelp(): string {
  const idle = TOPIC_CONFIGS.filter((row) => !row.effective).map(({ name }) => name);
  return [
    'Configs and their defaults:',
    ...TOPIC_CONFIGS.filter((row) => row.effective).map(
      ({ name, default: byDefault, doc }) => `${name} = ${configText(name, byDefault)}: ${doc}`,
    ),
    '',
    `Taken and kept because scripts set them, without effect here: ${idle.join(', ')}.`,
  ].join('\n');
}
