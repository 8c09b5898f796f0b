import * as Flags from '@oclif/core/flags';
import type { ConsumeOptions, GroupConsumeOptions } from '../../client/cluster.ts';
import { BrokerError } from '../../errors.ts';
import { ASSIGNORS, type AssignorName } from '../../group/assignor/index.ts';
import { parseDuration } from '../durations.ts';

const HELP = 'SHARING';

/** Flags of commands that read as a member of a group. */
export const groupFlags = {
  group: Flags.string({
    char: 'g',
    helpValue: 'GROUP',
    helpGroup: HELP,
    summary: 'share the partitions with the other members of this group, and go on where it has come to',
  }),
  'at-most-once': Flags.boolean({
    helpGroup: HELP,
    summary: 'commit before printing: after a crash nothing comes twice, and something perhaps never',
  }),
  'instance-id': Flags.string({
    helpValue: 'ID',
    helpGroup: HELP,
    summary: 'whoever comes again as this one within the session timeout has its partitions again',
  }),
  assignor: Flags.option({
    options: ASSIGNORS,
    helpGroup: HELP,
    summary: 'how partitions are shared; what most members wish (cooperative-sticky)',
  })(),
  'session-timeout': Flags.string({
    helpValue: 'D',
    helpGroup: HELP,
    summary: 'others take over from one that is silent for so long; from one that died at once (10s)',
  }),
};

export interface GivenGroup {
  readonly group?: string | undefined;
  readonly 'at-most-once': boolean;
  readonly 'instance-id'?: string | undefined;
  readonly assignor?: AssignorName | undefined;
  readonly 'session-timeout'?: string | undefined;
  readonly partition?: unknown;
  readonly tail?: unknown;
  readonly until?: unknown;
}

/** What a group decides, or has decided, by itself. */
const REFUSED = {
  partition: '-p says which partitions are read, and so does the group',
  tail: '--tail says where to begin, and so does the group',
  until: '--until says where to stop, and a group goes on',
} as const;

/** These mean nothing without a group. */
const NEEDS_GROUP = ['at-most-once', 'instance-id', 'assignor', 'session-timeout'] as const;

/** What is asked of the group; undefined without one. Throws USAGE. */
export function groupOptions(
  { topics, from, follow, isolation }: ConsumeOptions,
  flags: GivenGroup,
): GroupConsumeOptions | undefined {
  const { group, assignor } = flags;
  if (group === undefined) return refuseWithoutGroup(flags);
  for (const [name, problem] of Object.entries(REFUSED))
    if (flags[name as keyof typeof REFUSED] !== undefined) throw usage(problem, 'without -g it is possible');
  const timeout = flags['session-timeout'];
  const sessionTimeoutMs = timeout === undefined ? undefined : parseDuration(timeout);
  return { topics, from, follow, isolation, group, assignor, instanceId: flags['instance-id'], sessionTimeoutMs };
}

function refuseWithoutGroup(flags: GivenGroup): undefined {
  const name = NEEDS_GROUP.find((each) => flags[each] !== undefined && flags[each] !== false);
  if (name !== undefined) throw usage(`--${name} is for the members of a group`, '-g GROUP joins one');
}

function usage(problem: string, hint: string): BrokerError {
  return new BrokerError('USAGE', { problem, hint });
}
