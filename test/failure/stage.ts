/** A data directory on which producers, readers and pipes are let loose, with a witness; and what becomes of them. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Beck } from '../support/e2e.ts';
import { problemsOf } from '../support/problems-of.ts';
import type { Ran } from '../support/run-beck.ts';
import { type Anomaly, anomaliesOf } from './history/anomalies.ts';
import { Inputs, TOPICS } from './history/inputs.ts';
import type { PartitionName, ReadOf, Seen } from './history/operation.ts';
import { seenIn, Witness, type Witnessed } from './history/witness.ts';

/** From whence, to where, with which group, and what is put before each value on the way. */
interface Pipe {
  readonly from: string;
  readonly to: string;
  readonly group: string;
  readonly prefix: string;
}

const PIPES: readonly Pipe[] = [
  { from: 'orders', to: 'piped', group: 'first', prefix: 'piped-' },
  { from: 'orders', to: 'piped', group: 'first', prefix: 'piped-' },
  { from: 'piped', to: 'again', group: 'second', prefix: 'again-' },
];
const MAPPINGS = PIPES.slice(1);
const PIPED_PARTITIONS = 3;
export const READ = [...Object.keys(TOPICS), ...MAPPINGS.map(({ to }) => to)];
/** Kafka does not isolate what is written: transactions may be each before the other (Jepsen allows it as well). */
const ALLOWED: readonly Anomaly[] = ['G0'];
/** What one says that stood still for too long. */
const FENCED = /^.* silent for too long.*\n/gm;
/** What a follower says that comes to a full disk that nobody has open. */
const NOT_NOW = /^.* cannot be written: this is a copy,.*\nwithout -f.*\n$/;
/** A command's life, about (ms); and for how long one may stand still. */
const LIFE_MS = 400;
const STILL_MS = 1000;
/** How often somebody looks for a transaction that may not have begun yet. */
const LOOKS = 30;

export class Stage {
  readonly witness: Witness;
  readonly random: () => number;
  readonly #dir: string;
  readonly #inputs: Inputs;
  readonly #followers: Witnessed[] = [];
  readonly #pipes: (Witnessed & { readonly pipe: Pipe })[] = [];

  constructor(beck: Beck, random: () => number, dir = beck.dir) {
    this.random = random;
    this.#dir = dir;
    this.witness = new Witness(beck, { BECK_DATA_DIR: dir });
    this.#inputs = new Inputs(random);
  }

  /** Topics, followers, and pipes when there are to be some before the end. */
  async open({ pipes }: { readonly pipes: boolean }): Promise<void> {
    const made = { ...TOPICS, ...Object.fromEntries(MAPPINGS.map(({ to }) => [to, PIPED_PARTITIONS])) };
    for (const [name, partitions] of Object.entries(made)) {
      const config = name === 'compacted' ? 'cleanup.policy=compact' : 'retention.ms=-1';
      await this.run('topic', 'create', name, '-p', `${partitions}`, '-c', config);
    }
    this.#followers.push(this.witness.follow(READ, 'committed'), this.witness.follow(READ, 'uncommitted'));
    if (pipes) for (const pipe of PIPES) this.#startPipe(pipe);
  }

  /** Runs a command that must succeed. */
  async run(...args: readonly string[]): Promise<Ran> {
    return this.#succeeds(await this.witness.start(args).ended, args.join(' '));
  }

  /** While it goes on, nobody can end the transactions of those who are gone. */
  async meanwhileNothingCanBeWritten(what: () => Promise<unknown>): Promise<void> {
    const invoked = performance.now();
    await what();
    const wrote = { transaction: true, topics: READ, sends: [] };
    this.witness.note({ process: 'a full disk', invoked, completed: performance.now(), outcome: 'fail', wrote });
  }

  /** What `beck check` says. */
  get problems(): string[] {
    return problemsOf(this.#dir);
  }

  /** Reads all that there is, which must succeed. */
  async read(isolation: ReadOf['isolation'], to: 'end' | 'rest' = 'end'): Promise<Ran> {
    return this.#succeeds(await this.witness.read(READ, isolation, to).over, 'consume');
  }

  /** `ends`: with all of its input given it waits for that before it may end. */
  produce(transaction: boolean, most: number, ends?: Promise<unknown>): Witnessed {
    return this.witness.produce(this.#inputs.next(transaction, most), ends);
  }

  /** Whatever it does, it is in the midst of it: its input never ends. */
  endUnfinished(most: number, signal: NodeJS.Signals): Promise<Ran> {
    return this.endEarly(this.produce(true, most, new Promise(() => undefined)), signal);
  }

  /** Sends a signal at any moment of its life: sometimes when it has just written. */
  async endEarly(one: Witnessed, signal: NodeJS.Signals): Promise<Ran> {
    await this.#moment(one);
    one.live.kill(signal);
    return one.over;
  }

  async stopAWhile(one: Witnessed): Promise<Ran> {
    await this.#moment(one);
    one.live.kill('SIGSTOP');
    await setTimeout(this.random() * STILL_MS);
    one.live.kill('SIGCONT');
    return one.over;
  }

  /** Somebody sees that a transaction is open, and ends it; its producer learns of it when it would commit. */
  async abortFromOutside(most: number): Promise<Ran> {
    let release: () => void = () => undefined;
    const { live, over } = this.produce(true, most, new Promise<void>((resolve) => (release = resolve)));
    let name: string | undefined;
    for (let looks = 0; looks < LOOKS && name === undefined; looks++) name = await this.#transactionOf(live.pid);
    if (name !== undefined) await this.run('txn', 'abort', name, '--yes');
    release();
    const ran = await over;
    if (name !== undefined)
      expect(ran).toMatchObject({ stdout: '', stderr: expect.stringContaining('nothing was written') });
    return ran;
  }

  async #transactionOf(pid: number): Promise<string | undefined> {
    const { stdout } = await this.run('txn', 'list', '--json');
    const all = JSON.parse(stdout) as { transaction: string; state: string; owner: { pid: number } | null }[];
    return all.find(({ state, owner }) => state === 'Ongoing' && owner?.pid === pid)?.transaction;
  }

  /** And another one takes its place. */
  async killAPipe(): Promise<void> {
    const [gone] = this.#pipes.splice(Math.floor(this.random() * this.#pipes.length), 1);
    if (gone === undefined) return;
    const { stderr } = await this.endEarly(gone, 'SIGKILL');
    expect(stderr.replace(FENCED, '')).toBe('');
    this.#startPipe(gone.pipe);
  }

  async stopAPipe(): Promise<void> {
    const [still] = this.#pipes.splice(Math.floor(this.random() * this.#pipes.length), 1);
    if (still === undefined) return;
    still.live.kill('SIGSTOP');
    await setTimeout(this.random() * STILL_MS);
    still.live.kill('SIGCONT');
    this.#pipes.push(still);
  }

  async anotherFollower(): Promise<void> {
    const gone = this.#followers.shift() as Witnessed;
    const isolation = this.random() < 0.5 ? 'committed' : 'uncommitted';
    this.#followers.push(this.witness.follow(READ, isolation));
    await this.endEarly(gone, 'SIGKILL');
  }

  /** Everything ends, what is left to be piped is piped, what can be compacted is, the rest is read; answers what is wrong with all of it. */
  async judgement(): Promise<ReturnType<typeof anomaliesOf>> {
    for (const { live } of this.#pipes) live.kill('SIGINT');
    for (const { over } of this.#pipes) expect((await over).stderr.replace(FENCED, '')).toBe('');
    for (const pipe of MAPPINGS) this.#succeeds(await this.#runPipe(pipe, '--once').over, 'pipe --once');
    await this.run('retention', 'run', 'compacted');
    const rest = await this.read('committed', 'rest');
    this.#noteMappings(seenIn(rest.stdout));
    for (const { live } of this.#followers) live.kill('SIGINT');
    for (const { over } of this.#followers) expect((await over).stderr.replace(NOT_NOW, '')).toBe('');
    expect(JSON.parse((await this.run('txn', 'list', '--json')).stdout)).toEqual([]);
    const history = this.witness.history({ logStarts: await this.#logStarts(), compacted: new Set(['compacted/0']) });
    return anomaliesOf(history, ALLOWED);
  }

  #startPipe(pipe: Pipe): void {
    this.#pipes.push({ ...this.#runPipe(pipe), pipe });
  }

  #runPipe({ from, to, group, prefix }: Pipe, ...flags: readonly string[]): Witnessed {
    const command = ['--', 'sed', `s/^/${prefix}/`];
    return this.witness.pipe([from, to, '-g', group, '--session-timeout', '500ms', ...flags, ...command], [to]);
  }

  #noteMappings(rest: readonly Seen[]): void {
    for (const { from, to, prefix } of MAPPINGS)
      for (let p = 0; p < PIPED_PARTITIONS; p++) {
        const of = rest.filter(({ partition }) => partition === `${from}/${p}`);
        this.witness.noteMapping(of, from, `${to}/${p}`, (value) => prefix + value);
      }
  }

  async #logStarts(): Promise<Map<PartitionName, number>> {
    const { stdout } = await this.run('topic', 'describe', 'trimmed', '--json');
    const [topic] = JSON.parse(stdout) as [{ partitionList: { partition: number; start: number }[] }];
    return new Map(topic.partitionList.map(({ partition, start }) => [`trimmed/${partition}`, start]));
  }

  #succeeds(ran: Ran, what: string): Ran {
    expect([what, ran.code, ran.stderr]).toEqual([what, 0, '']);
    return ran;
  }

  async #moment({ live }: Witnessed): Promise<void> {
    const size = () => statSync(join(this.#dir, 'beck.db-wal'), { throwIfNoEntry: false })?.size ?? 0;
    const before = this.random() < 0.5 ? size() : undefined;
    await passed(this.random() * LIFE_MS, () => live.hasEnded || (before !== undefined && size() !== before));
    await passed(this.random() ** 2 * 30, () => live.hasEnded);
  }
}

/** Resolves after so many ms, or when it is enough. */
async function passed(ms: number, enough: () => boolean): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until && !enough()) await setTimeout(1);
}
