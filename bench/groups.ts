/** What a group costs beside reading without one, and how fast it shares anew. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Broker } from '../src/broker/broker.ts';
import { type Member as GroupMember, stateName } from '../src/group/membership.ts';
import { GroupRows } from '../src/group/rows.ts';
import { cpuShare } from './cpu-share.ts';
import { type Ground, inTurns } from './ground.ts';
import { fill } from './growth.ts';
import { absolute, median, type Row, ratioOf } from './row.ts';
import type { Section } from './setting.ts';

const GROUP = 'Groups';
const MEMBERS = 12;
const PARTITIONS = 24;
const DESCRIBED_PARTITIONS = 100;
/** Long enough to have nothing to do with what is measured. */
const SESSION = ['--session-timeout', '20m'];
const LOOK_MS = 1;

export const groups: Section = async ({ ground, rounds, startUpRounds, large, followSeconds, groups: many }) => [
  ...(await firstRecord(ground, startUpRounds)),
  ...(await draining(ground, rounds, large)),
  ...(await rebalances(ground, rounds)),
  ...(await idleMember(ground, followSeconds * 2)),
  ...(await describing(ground, rounds, many)),
];

let made = 0;

/** Every run reads as a group of its own, so that each begins at the start. */
function asGroup(ground: Ground, dataDir: string, ...args: readonly string[]): () => number {
  return () => ground.beck(['consume', 't', '-g', `g${++made}`, ...args], { dataDir, stdout: ground.fresh('out') }).ms;
}

async function firstRecord(ground: Ground, rounds: number): Promise<Row[]> {
  const dataDir = ground.topic('-p', '6');
  ground.beck(['produce', 't'], { dataDir, input: '{"id":1}\n'.repeat(100) });
  const plain = () => ground.beck(['consume', 't', '-n', '1'], { dataDir, stdout: ground.fresh('out') }).ms;
  const times = await inTurns(rounds, { group: asGroup(ground, dataDir, '-n', '1'), plain });
  const more = times.group.map((ms, i) => ms - (times.plain[i] as number));
  const method = `beck consume -n 1, with and without -g, in turns; ${rounds} rounds`;
  return [
    { group: GROUP, what: 'first record, more than without a group', ...absolute(more, 'ms'), wanted: 100, method },
    { group: GROUP, what: 'first record / without a group', ...ratioOf(times.group, times.plain), method },
  ];
}

/** What starting takes longer is another row's. */
async function draining(ground: Ground, rounds: number, bytes: number): Promise<Row[]> {
  const dataDir = ground.topic();
  fill(ground, dataDir, bytes);
  const plain = (...args: readonly string[]) =>
    ground.beck(['consume', 't', ...args], { dataDir, stdout: ground.fresh('out') }).ms;
  const times = await inTurns(rounds, {
    group: asGroup(ground, dataDir),
    plain: () => plain(),
    groupStart: asGroup(ground, dataDir, '-n', '1'),
    plainStart: () => plain('-n', '1'),
  });
  ground.remove(dataDir);
  const without = (all: readonly number[], start: readonly number[]) =>
    all.map((ms) => Math.max(1, ms - median(start)));
  return [
    {
      group: GROUP,
      what: 'consume / without a group',
      ...ratioOf(without(times.group, times.groupStart), without(times.plain, times.plainStart)),
      wanted: 1.05,
      method: `${bytes / 1e6} MB to a file, committing as it goes, less what -n 1 takes; ${rounds} rounds in turns`,
    },
  ];
}

type Member = ReturnType<Ground['start']>;

/** A group of followers, seen from its rows. */
class Crowd {
  readonly #ground: Ground;
  readonly #dataDir: string;
  readonly #broker: Broker;
  readonly #rows: GroupRows;
  readonly members: Member[] = [];

  constructor(ground: Ground, partitions: number) {
    this.#ground = ground;
    this.#dataDir = ground.topic('-p', `${partitions}`);
    this.#broker = Broker.open(this.#dataDir, 'existing');
    this.#rows = new GroupRows(this.#broker.store);
  }

  join(): Member {
    const member = this.#ground.start(['consume', 't', '-f', '-g', 'g', ...SESSION], this.#dataDir);
    this.members.push(member);
    return member;
  }

  /** Until every member has what it shall have, and knows so. Answers when the last one joined (ms since the epoch). */
  async stable(): Promise<number> {
    for (;;) {
      const { members, state } = this.#look();
      if (state === 'Stable' && members.length === this.members.length)
        return members.reduce((last, { joined }) => Math.max(last, joined), 0);
      await sleep(LOOK_MS);
    }
  }

  #look(): { readonly members: readonly GroupMember[]; readonly state: string } {
    const { store } = this.#broker;
    return store.read(() => {
      const { id, epoch } = this.#rows.group('g') ?? { id: -1, epoch: 0 };
      const members = this.#rows.members.list(id);
      return { members, state: stateName({ epoch, members, assignments: this.#rows.assignments(id) }) };
    });
  }

  /** How long (ms) the others need to share what one had that is sent this signal. */
  async without(signal: NodeJS.Signals): Promise<number> {
    const begin = performance.now();
    this.members.shift()?.kill(signal);
    await this.stable();
    return performance.now() - begin;
  }

  async end(): Promise<void> {
    for (const member of this.members.splice(0)) {
      const ended = new Promise((resolve) => member.once('close', resolve));
      member.kill('SIGINT');
      await ended;
    }
    this.#broker.close();
  }
}

async function rebalances(ground: Ground, rounds: number): Promise<Row[]> {
  const crowd = new Crowd(ground, PARTITIONS);
  for (let i = 0; i < MEMBERS; i++) crowd.join();
  await crowd.stable();
  const took: Record<'joins' | 'leaves' | 'killed', number[]> = { joins: [], leaves: [], killed: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [how, signal] of [
      ['leaves', 'SIGINT'],
      ['killed', 'SIGKILL'],
    ] as const) {
      took[how].push(await crowd.without(signal));
      crowd.join();
      const joined = await crowd.stable();
      took.joins.push(Date.now() - joined);
    }
  }
  await crowd.end();
  const row = (what: string, times: readonly number[], wanted: number, from: string): Row => ({
    group: GROUP,
    what: `${MEMBERS} members, ${what}`,
    ...absolute(times, 'ms'),
    wanted,
    method: `${PARTITIONS} partitions; from ${from} until each member has what it shall have; ${times.length} times`,
  });
  return [
    row('one joins', took.joins, 100, 'its join'),
    row('one leaves', took.leaves, 100, 'its Ctrl-C'),
    row('one is killed', took.killed, 250, 'its kill -9'),
  ];
}

async function idleMember(ground: Ground, seconds: number): Promise<Row[]> {
  if (!existsSync('/proc/self/stat')) return [];
  const crowd = new Crowd(ground, 3);
  for (let i = 0; i < 3; i++) crowd.join();
  await crowd.stable();
  await sleep(500);
  const used = await cpuShare(crowd.members[0]?.pid as number, seconds);
  await crowd.end();
  const method = `user and system time in /proc of one of three members, over ${seconds} s in which nothing comes`;
  return [
    { group: GROUP, what: 'idle member, CPU (absolute)', ...absolute([used], '% of a core'), wanted: 0.5, method },
  ];
}

/** Each group has committed somewhere in each partition. */
async function describing(ground: Ground, rounds: number, groups: number): Promise<Row[]> {
  const dataDir = ground.topic('-p', `${DESCRIBED_PARTITIONS}`);
  ground.beck(['produce', 't'], { dataDir, input: '{"id":1}\n'.repeat(DESCRIBED_PARTITIONS) });
  const broker = Broker.open(dataDir, 'existing');
  const offsets = broker.topic('t').partitions.map(({ id }) => ({ id, offset: 0 }));
  for (let i = 0; i < groups; i++) broker.groups.commit(`group-${i}`, null, offsets);
  broker.close();
  const describe = () =>
    ground.beck(['group', 'describe', '--all', '--json'], { dataDir, stdout: ground.fresh('out') }).ms;
  const { all } = await inTurns(rounds, { all: describe });
  const what = `describe ${groups} groups × ${DESCRIBED_PARTITIONS} partitions (absolute)`;
  const method = `beck group describe --all --json, the whole command; ${rounds} rounds`;
  return [{ group: GROUP, what, ...absolute(all, 'ms'), wanted: 1000, method }];
}
