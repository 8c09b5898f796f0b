import type { GroupNews, PartitionOffset } from '../../client/cluster.ts';
import { partitionWords } from '../pages/partition-words.ts';
import { printable } from '../printable.ts';
import { groupDigits } from '../units.ts';
import { lostLines } from './report.ts';

/** Where a member says what happens in its group. */
export interface MemberTalk {
  /** On a terminal only. */
  readonly say: (line: string) => void;
  /** Always. */
  readonly warn: (line: string) => void;
}

/** Says what happened: on a terminal all of it, elsewhere what cost records or shows them twice. */
export function tellNews(group: string, me: string, news: readonly GroupNews[], { say, warn }: MemberTalk): void {
  for (const row of news) {
    if (row.kind === 'fenced') warn(`${group}: ${newsLine(row, me)}`);
    else say(`${group}: ${newsLine(row, me)}`);
    for (const line of lostLines(row.begun)) warn(line);
    for (const line of beyondLines(row)) warn(line);
  }
}

/** `joined; 4712 keeps orders 0, 1` */
const WHAT_HAPPENED = {
  joined: { one: 'joined', many: 'joined', now: 'keeps' },
  left: { one: 'left', many: 'left', now: 'has' },
  gone: { one: 'died', many: 'died', now: 'has' },
  closed: { one: 'lost its connection', many: 'lost their connections', now: 'has' },
  late: { one: 'did not rejoin in time', many: 'did not rejoin in time', now: 'has' },
  silent: { one: 'was silent for too long', many: 'were silent for too long', now: 'has' },
} as const;

function newsLine({ kind, members, partitions }: GroupNews, me: string): string {
  const mine = partitionWords(partitions);
  if (kind === 'fenced') {
    const lost = mine === '' ? 'it joins again' : `others have ${mine} by now; what was not committed comes again`;
    return `member ${me} was silent for too long, and ${lost}`;
  }
  if (kind === 'assigned') return `member ${me} ${mine === '' ? 'has no partition and stands by' : `has ${mine}`}`;
  const { one, many, now } = WHAT_HAPPENED[kind];
  const names = printable(members.join(', '));
  const who = members.length === 1 ? `member ${names} ${one}` : `members ${names} ${many}`;
  return `${who}; ${me} ${mine === '' ? 'has no partition' : `${now} ${mine}`}`;
}

function beyondLines({ begun }: GroupNews): string[] {
  return begun.flatMap(({ topic, partition, beyond, start, highWatermark }) =>
    beyond === null
      ? []
      : `${topic} ${partition}: ${groupDigits(beyond)} was committed, which is behind its end ${groupDigits(highWatermark)}; reading from ${groupDigits(start)}`,
  );
}

/** `committed up to orders 0:14, 1:9; left` */
export function leaveLine(group: string, committed: readonly PartitionOffset[]): string {
  const offsets = partitionWords(committed, ({ partition, offset }) => `${partition}:${offset}`);
  return `${group}: ${offsets === '' ? 'nothing committed' : `committed up to ${offsets}`}; left`;
}
