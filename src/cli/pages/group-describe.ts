import type { GroupDescription, GroupPartitionDescription, MemberDescription } from '../../client/cluster.ts';
import type { Io } from '../io.ts';
import { type Column, table } from '../table.ts';
import { age, count, duration, groupDigits, NOTHING } from '../units.ts';
import { departureLines } from './group-departures.ts';
import type { GroupDocument } from './group-list.ts';
import { partitionWords } from './partition-words.ts';

/** A group with its members and partitions; times in ms since the epoch, `behind` and `sessionTimeout` in ms. */
export interface GroupDescriptionDocument extends GroupDocument {
  readonly assignor: string | null;
  readonly emptySince: number | null;
  readonly memberList: readonly object[];
  readonly partitionList: readonly object[];
  readonly departures: readonly object[];
}

export interface GroupPageOptions {
  /** A table of the members too. */
  readonly members: boolean;
}

export function groupDescriptionDocument(group: GroupDescription): GroupDescriptionDocument {
  const { name, type, state, epoch, assignor, lag, emptySince, members, partitions, departures } = group;
  return {
    group: name,
    type,
    state,
    generation: epoch,
    members: members.length,
    partitions: partitions.length,
    lag,
    assignor,
    emptySince,
    memberList: members.map(
      ({ name: member, epoch: generation, sessionTimeoutMs: sessionTimeout, process, ...rest }) => ({
        member,
        ...rest,
        generation,
        sessionTimeout,
        pid: process?.pid ?? null,
      }),
    ),
    partitionList: partitions.map(partitionDocument),
    departures: departures.map(({ name: member, ...rest }) => ({ member, ...rest })),
  };
}

function partitionDocument(row: GroupPartitionDescription): object {
  const { topic, partition, committed, committedAt, metadata, start, end, lag, behindMs, member, next, since } = row;
  const [lastCommit, behind] = [committedAt, behindMs];
  return { topic, partition, committed, lastCommit, metadata, start, end, lag, behind, member, next, since };
}

/** The groups, an empty line between two of them. */
export async function groupPage(
  groups: readonly GroupDescription[],
  options: GroupPageOptions,
  io: Io,
): Promise<string> {
  const pages: string[] = [];
  for (const group of groups) pages.push(await onePage(group, options, io));
  return pages.join('\n');
}

async function onePage(group: GroupDescription, { members }: GroupPageOptions, io: Io): Promise<string> {
  const to = { writer: io.stdout, env: io.env };
  const now = io.now();
  const parts = [`${groupLine(group, now)}\n`];
  if (members && group.members.length > 0) parts.push(await table(group.members, memberColumns(now), to));
  if (group.partitions.length > 0) parts.push(await table(group.partitions, partitionColumns(now), to));
  const gone = departureLines(group.departures, now);
  if (gone.length > 0) parts.push(`${gone.join('\n')}\n`);
  return parts.join('\n');
}

/** `billing: Stable, generation 7, 2 members, lag 1 300`, `Stable (classic)` where a leader among them assigns */
export function groupLine(group: GroupDescription, now: number): string {
  const { name, type, epoch, members, lag, emptySince } = group;
  const state = type === 'classic' && members.length > 0 ? `${group.state} (classic)` : group.state;
  const since = emptySince === null ? '' : ` for ${duration(now - emptySince)}`;
  const who = members.length === 0 ? `no members${since}` : count(members.length, 'member');
  return `${name}: ${state}, generation ${groupDigits(epoch)}, ${who}, lag ${groupDigits(lag)}`;
}

/** A narrow terminal loses LAST COMMIT first, then BEHIND, then END. */
function partitionColumns(now: number): readonly Column<GroupPartitionDescription>[] {
  return [
    { title: 'TOPIC', value: ({ topic }) => topic },
    { title: 'PARTITION', align: 'right', value: ({ partition }) => String(partition) },
    {
      title: 'COMMITTED',
      align: 'right',
      value: ({ committed }) => (committed === null ? NOTHING : groupDigits(committed)),
    },
    { title: 'END', align: 'right', drop: 3, value: ({ end }) => groupDigits(end) },
    {
      title: 'LAG',
      align: 'right',
      value: ({ lag }) => groupDigits(lag),
      paint: ({ lag }, { yellow }) => (lag > 0 ? yellow : undefined),
    },
    {
      title: 'BEHIND',
      align: 'right',
      drop: 2,
      value: ({ behindMs }) => (behindMs === null ? NOTHING : duration(behindMs)),
    },
    { title: 'LAST COMMIT', align: 'right', drop: 1, value: ({ committedAt }) => age(committedAt, now) },
    { title: 'MEMBER', value: holder, paint: ({ member }, { yellow }) => (member === null ? yellow : undefined) },
  ];
}

/** `4712`, `nobody`, or while it changes hands `4712 → 4790`. */
function holder({ member, next }: GroupPartitionDescription): string {
  const has = member ?? 'nobody';
  return next === null ? has : `${has} → ${next}`;
}

/** A narrow terminal loses HOST first, then ASSIGNOR, then JOINED. */
function memberColumns(now: number): readonly Column<MemberDescription>[] {
  return [
    { title: 'MEMBER', value: memberName },
    { title: 'HOST', drop: 1, value: ({ host }) => host },
    { title: 'GENERATION', align: 'right', value: ({ epoch }) => groupDigits(epoch) },
    { title: 'JOINED', align: 'right', drop: 3, value: ({ joined }) => age(joined, now) },
    { title: 'HEARD', align: 'right', value: ({ heard }) => age(heard, now) },
    { title: 'ASSIGNOR', drop: 2, value: ({ assignor }) => assignor ?? NOTHING },
    { title: 'HAS', value: ({ partitions }) => (partitions.length === 0 ? 'nothing' : partitionWords(partitions)) },
  ];
}

/** `4712`, with its instance id where it has one, and that it is away while others wait for its return. */
function memberName({ name, instanceId, away }: MemberDescription): string {
  return [name, ...(instanceId === null ? [] : [`(${instanceId})`]), ...(away === null ? [] : ['away'])].join(' ');
}
