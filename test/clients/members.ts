/** Members of groups: consumers of other people, each a process of its own, as their documentation shows them. */
import { join } from 'node:path';
import type { Live } from '../support/run-beck.ts';
import { RELEASES } from './packages.ts';
import { hasKcat, type Served, until } from './stage.ts';

export interface MemberOptions {
  /** Makes it a static member. */
  readonly instance?: string | undefined;
  /** ms */
  readonly session?: number | undefined;
}

export interface Kind {
  readonly name: string;
  /** Whether it is here. */
  readonly runs: boolean;
  readonly canBeStatic: boolean;
  /** Commits every 5 s, and when it gives partitions up. */
  readonly commitsLate?: boolean;
  /** What it was sent of a partition that it has just lost it hands out all the same, at a Kafka too. */
  readonly mayRepeat?: boolean;
  start(served: Served, group: string, topic: string, options: MemberOptions): Live;
}

/** How a program says on stderr what it has. */
const SAID =
  /^assigned (?<all>[\d ]*)\.$|(?<how>assigned|revoked|incremental assignment|incremental revoke)\b[^:]*?: (?<places>.*)$/;

export class Member {
  readonly live: Live;

  constructor(live: Live) {
    this.live = live;
  }

  /** Its partitions, as it has said last. */
  get has(): number[] {
    let now: number[] = [];
    for (const line of this.live.stderr.split('\n')) now = after(now, line);
    return now.sort();
  }

  /** How often it was given or has lost something. */
  get changes(): number {
    return this.live.stderr.split('\n').filter((line) => SAID.test(line)).length;
  }

  /** Values, in the order in which they came. */
  get read(): string[] {
    const lines = this.live.stdout.split('\n').slice(0, -1);
    return lines.map((line) => line.slice(line.indexOf(' ') + 1));
  }

  /** As its documentation says that one ends it. */
  async leave(): Promise<void> {
    this.live.kill('SIGTERM');
    await this.live.ended;
  }

  async crash(): Promise<void> {
    this.live.kill('SIGKILL');
    await this.live.ended;
  }
}

function after(before: number[], line: string): number[] {
  const { all, how, places = '' } = SAID.exec(line)?.groups ?? {};
  if (all !== undefined) return all.split(' ').filter(Boolean).map(Number);
  const told = [...places.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number));
  if (how === 'assigned') return told;
  if (how === 'revoked') return [];
  if (how === 'incremental assignment') return [...before, ...told];
  return how === 'incremental revoke' ? before.filter((each) => !told.includes(each)) : before;
}

/** Until together they have each of so many partitions once. */
export function share(partitions: number, ...members: readonly Member[]): Promise<void> {
  const wanted = Array.from({ length: partitions }, (_, i) => i).join();
  return until(() => {
    const ended = members.find(({ live }) => live.hasEnded);
    if (ended !== undefined) throw new Error(`${ended.live.name} has ended:\n${ended.live.stderr}`);
    const all = members.flatMap(({ has }) => has).sort((a, b) => a - b);
    return all.join() === wanted && members.every(({ has }) => has.length > 0);
  });
}

/** Until together they have read so many different values. */
export function readAll(count: number, ...members: readonly Member[]): Promise<void> {
  return until(() => new Set(members.flatMap(({ read }) => read)).size >= count);
}

function kcat(strategy: string): Kind['start'] {
  return ({ beck, bootstrap }, group, topic, { instance, session = 10_000 }) => {
    const settings = [
      'auto.offset.reset=earliest',
      'heartbeat.interval.ms=300',
      'topic.metadata.refresh.interval.ms=1000',
      'reconnect.backoff.max.ms=500',
      `session.timeout.ms=${session}`,
      `partition.assignment.strategy=${strategy}`,
      ...(instance === undefined ? [] : [`group.instance.id=${instance}`]),
    ].flatMap((setting) => ['-X', setting]);
    return beck.start('kcat', ['-b', bootstrap, '-G', group, '-E', '-u', '-f', '%p:%o %s\\n', ...settings, topic]);
  };
}

function program(file: string, more: Readonly<Record<string, string>> = {}): Kind['start'] {
  return ({ beck, bootstrap }, group, topic, { instance, session }) => {
    const env = { ...more, INSTANCE: instance, SESSION_MS: session?.toString() };
    return beck.start(process.execPath, [join(import.meta.dirname, 'programs', file), bootstrap, group, topic], {
      env,
    });
  };
}

const KCAT = { runs: hasKcat, canBeStatic: true, commitsLate: true };

export const KINDS: readonly Kind[] = [
  { ...KCAT, name: 'kcat', start: kcat('range,roundrobin') },
  { ...KCAT, name: 'kcat, cooperative', start: kcat('cooperative-sticky') },
  { name: 'kafkajs', runs: true, canBeStatic: false, start: program('kafkajs.js') },
  ...RELEASES.flatMap(({ name, package: PACKAGE, runs }) => {
    const both = { runs, canBeStatic: true, mayRepeat: true };
    return [
      { ...both, name, start: program('platformatic.js', { PACKAGE }) },
      {
        ...both,
        canBeStatic: false,
        name: `${name}, KIP-848`,
        start: program('platformatic.js', { PACKAGE, PROTOCOL: 'consumer' }),
      },
    ];
  }),
];
