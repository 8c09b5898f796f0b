import * as Flags from '@oclif/core/flags';
import type { ConsumeOptions } from '../../client/cluster.ts';
import { BrokerError } from '../../errors.ts';
import type { Isolation } from '../../types.ts';
import { parseDuration } from '../durations.ts';
import { outputFormat } from '../output/index.ts';
import { parsePosition } from '../positions.ts';
import { selectTopics } from '../select-topics.ts';

const ISOLATIONS = ['read_committed', 'read_uncommitted'] as const;

/** Flags of commands that read records. */
export const consumeFlags = {
  follow: Flags.boolean({ char: 'f', helpGroup: 'WHERE', summary: 'go on at the end and wait for more, like tail -f' }),
  from: Flags.string({
    helpValue: 'POS',
    helpGroup: 'WHERE',
    default: 'start',
    summary:
      'where to begin: start, end, N, -N, +N or @TIME, in each partition; with -g only where nothing is committed',
  }),
  until: Flags.string({
    helpValue: 'POS',
    helpGroup: 'WHERE',
    summary: 'where to stop, without it; the end as it is now by default',
  }),
  max: Flags.integer({ char: 'n', helpValue: 'N', min: 0, helpGroup: 'WHERE', summary: 'stop after N records' }),
  tail: Flags.integer({
    helpValue: 'N',
    min: 0,
    helpGroup: 'WHERE',
    summary: 'the last N over all partitions (--from -N: in each)',
  }),
  partition: Flags.integer({
    char: 'p',
    helpValue: 'N',
    min: 0,
    multiple: true,
    multipleNonGreedy: true,
    helpGroup: 'WHERE',
    summary: 'only this partition; as often as wanted',
  }),
  regex: Flags.boolean({ char: 'r', helpGroup: 'WHERE', summary: 'TOPIC is a regular expression for whole names' }),
  key: Flags.string({ helpValue: 'KEY', helpGroup: 'WHICH', summary: 'only records with this key' }),
  grep: Flags.string({ helpValue: 'REGEX', helpGroup: 'WHICH', summary: 'only records whose value matches' }),
  header: Flags.string({
    helpValue: 'name=value',
    multiple: true,
    multipleNonGreedy: true,
    helpGroup: 'WHICH',
    summary: 'only records with this header; without = any value',
  }),
  isolation: Flags.option({
    options: ISOLATIONS,
    default: 'read_committed',
    helpGroup: 'WHICH',
    summary: 'read_uncommitted shows open and aborted transactions too',
  })(),
  output: Flags.string({
    char: 'o',
    helpValue: 'FORMAT',
    helpGroup: 'HOW',
    summary: "value (default), jsonl, json, table, or a template such as '%p %o %k %v\\n'",
  }),
  delimiter: Flags.string({
    char: 'D',
    helpValue: 'DELIM',
    helpGroup: 'HOW',
    exclusive: ['null'],
    summary: 'what follows a record, instead of a newline',
  }),
  null: Flags.boolean({ char: '0' as 'Z', helpGroup: 'HOW', summary: 'a NUL byte follows a record, as for xargs -0' }),
  'null-value': Flags.string({ helpValue: 'TEXT', helpGroup: 'HOW', summary: 'what a null prints as' }),
  'idle-timeout': Flags.string({
    helpValue: 'D',
    helpGroup: 'WHEN',
    summary: 'follow, and stop when nothing came for so long (2s, 1m30s)',
  }),
  timeout: Flags.string({ helpValue: 'D', helpGroup: 'WHEN', summary: 'stop after so long, with exit code 124' }),
};

export interface GivenConsume {
  readonly follow: boolean;
  readonly from: string;
  readonly until?: string | undefined;
  readonly tail?: number | undefined;
  readonly partition?: readonly number[] | undefined;
  readonly regex: boolean;
  readonly isolation: Isolation;
  readonly output?: string | undefined;
  readonly 'idle-timeout'?: string | undefined;
}

/** What is asked of the cluster. Throws USAGE for flags that contradict each other and for bad positions. */
export function consumeOptions(topics: readonly string[], flags: GivenConsume, now: number): ConsumeOptions {
  const follow = flags.follow || flags['idle-timeout'] !== undefined;
  if (follow && flags.output !== undefined && outputFormat(flags.output).bounded) {
    throw usage(`-o ${flags.output} has an end, and following has none`, '-o jsonl prints one record a line');
  }
  if (flags.tail !== undefined && flags.from !== 'start')
    throw usage('--tail and --from both say where to begin', 'one of them');
  return {
    topics: selectTopics(topics, flags.regex),
    partitions: flags.partition === undefined ? undefined : [...new Set(flags.partition)],
    from: parsePosition(flags.from, now),
    until: flags.until === undefined ? undefined : parsePosition(flags.until, now),
    follow,
    isolation: flags.isolation,
  };
}

export function milliseconds(given: string | undefined): number | undefined {
  return given === undefined ? undefined : parseDuration(given);
}

function usage(problem: string, hint: string): BrokerError {
  return new BrokerError('USAGE', { problem, hint });
}
