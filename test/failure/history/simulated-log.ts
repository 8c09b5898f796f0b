/** A small log in memory, with everything a log can do wrong: what the judge of histories is tried on. */
import type { Anomaly } from './anomalies.ts';
import type { History, Operation, Outcome, PartitionName, ReadOf, Seen, Send } from './operation.ts';

interface FaultRow {
  readonly fault: string;
  readonly does: string;
  readonly shows: readonly Anomaly[];
}

export const FAULTS = [
  { fault: 'lose', does: 'forgets what it has acknowledged', shows: ['lost-write'] },
  { fault: 'double', does: 'stores some records twice', shows: ['duplicate'] },
  { fault: 'wrong offset', does: 'acknowledges an offset that is not the one', shows: ['inconsistent-offset'] },
  { fault: 'swap', does: 'stores records in another order', shows: ['nonmonotonic-send'] },
  { fault: 'show aborted', does: 'shows aborted records', shows: ['aborted-read'] },
  { fault: 'show open', does: 'shows open transactions', shows: ['precommitted-read', 'torn-transaction'] },
  { fault: 'commit half', does: 'commits a part of a transaction', shows: ['lost-write', 'torn-transaction'] },
  { fault: 'go back', does: 'lets followers read twice', shows: ['nonmonotonic-poll'] },
  { fault: 'skip', does: 'lets followers miss something', shows: ['poll-skip'] },
  { fault: 'hang', does: 'leaves the transactions of dead processes open', shows: ['stale-read'] },
] as const satisfies readonly FaultRow[];

export type Fault = (typeof FAULTS)[number]['fault'];

const PARTITIONS: readonly PartitionName[] = ['t/0', 't/1', 'u/0'];
const TOPICS = ['t', 'u'];
const STEPS = 120;
const PRODUCERS = 3;

interface Transaction {
  readonly process: string;
  readonly invoked: number;
  readonly sends: Send[];
  state: 'open' | 'committed' | 'aborted';
}

/** A place in a partition; without a value a marker, or a record that is gone. */
interface Entry {
  readonly value: string | null;
  readonly transaction: Transaction | null;
}

/** A run of random producers, which are also killed, and of readers. */
export function simulate(random: () => number, fault?: Fault): History {
  const log = new SimulatedLog(random, fault);
  for (let step = 0; step < STEPS; step++) log.step();
  return { operations: log.end() };
}

class SimulatedLog {
  readonly #random: () => number;
  readonly #fault: Fault | undefined;
  readonly #operations: Operation[] = [];
  readonly #log = new Map<PartitionName, Entry[]>(PARTITIONS.map((partition) => [partition, []]));
  readonly #open = new Map<number, Transaction>();
  readonly #followers = new Map<string, Map<PartitionName, number>>();
  #now = 0;
  #values = 0;

  constructor(random: () => number, fault: Fault | undefined) {
    this.#random = random;
    this.#fault = fault;
  }

  step(): void {
    this.#now += 2;
    const what = this.#random();
    if (what < 0.6) this.#produce(this.#below(PRODUCERS));
    else if (what < 0.75) this.#producePlainly();
    else if (what < 0.9) this.#follow(this.#random() < 0.7 ? 'committed' : 'uncommitted');
    else this.#read(`reader ${this.#now}`, this.#random() < 0.7 ? 'committed' : 'uncommitted', 'end');
  }

  end(): Operation[] {
    for (const producer of this.#open.keys()) this.#end(producer);
    this.#now += 2;
    for (const { transaction } of [...this.#log.values()].flat())
      if (transaction?.state === 'open') transaction.state = 'aborted';
    this.#read('rest', 'committed', 'rest');
    return this.#operations;
  }

  #produce(producer: number): void {
    const transaction = this.#open.get(producer);
    if (transaction !== undefined && this.#random() < 0.35) return this.#end(producer);
    const of = transaction ?? { process: `transaction ${this.#now}`, invoked: this.#now, sends: [], state: 'open' };
    this.#open.set(producer, of);
    for (let i = this.#below(4); i >= 0; i--) of.sends.push(this.#append(of));
  }

  /** Commits it, aborts it, or its process is killed, at the last moment or before. */
  #end(producer: number): void {
    const transaction = this.#open.get(producer) as Transaction;
    this.#open.delete(producer);
    const how = this.#random();
    const [outcome, state]: [Outcome, Transaction['state']] =
      how < 0.5 ? ['ok', 'committed'] : how < 0.7 ? ['fail', 'aborted'] : ['info', how < 0.8 ? 'committed' : 'aborted'];
    transaction.state = this.#fault === 'hang' && outcome === 'info' ? 'open' : state;
    if (state === 'committed' && this.#is('commit half')) this.#forgetSome(transaction);
    for (const partition of PARTITIONS) this.#partition(partition).push({ value: null, transaction: null });
    const { process, invoked, sends } = transaction;
    const told = outcome === 'ok' ? sends : sends.map(({ value }) => ({ value }));
    const wrote = { transaction: true, topics: TOPICS, sends: told, committableFrom: this.#now };
    this.#operations.push({ process, invoked, completed: this.#now + 1, outcome, wrote });
  }

  #forgetSome(transaction: Transaction): void {
    const log = this.#partition(transaction.sends[0]?.partition as PartitionName);
    for (const [i, entry] of log.entries()) if (entry.transaction === transaction) log[i] = { ...entry, value: null };
  }

  #producePlainly(): void {
    const sends = Array.from({ length: 1 + this.#below(3) }, () => this.#append(null));
    const died = this.#random() < 0.2;
    if (this.#is('swap')) sends.reverse();
    const told = died ? sends.map(({ value }, i) => (i === 0 ? (sends[0] as Send) : { value })) : sends;
    this.#operations.push({
      process: `plain ${this.#now}`,
      invoked: this.#now,
      completed: this.#now + 1,
      outcome: died ? 'info' : 'ok',
      wrote: { transaction: false, topics: TOPICS, sends: told },
    });
  }

  #append(transaction: Transaction | null): Send {
    const value = `v${this.#values++}`;
    const partition = PARTITIONS[this.#below(PARTITIONS.length)] as PartitionName;
    const log = this.#partition(partition);
    const offset = log.push({ value: this.#is('lose') ? null : value, transaction }) - 1;
    if (this.#is('double')) log.push({ value, transaction });
    return { value, partition, offset: offset + (this.#is('wrong offset') ? 1 : 0) };
  }

  #follow(isolation: ReadOf['isolation']): void {
    const process = `follower of ${isolation}`;
    const positions = this.#followers.get(process) ?? new Map<PartitionName, number>();
    this.#followers.set(process, positions);
    const seen = PARTITIONS.flatMap((partition) => {
      const wrong = this.#is('go back') ? -1 : this.#is('skip') ? 1 : 0;
      const from = Math.max(0, (positions.get(partition) ?? 0) + wrong);
      positions.set(partition, Math.max(from, this.#endOf(partition, isolation)));
      return this.#visible(partition, isolation, from);
    });
    this.#note(process, { isolation, to: 'anywhere', seen });
  }

  #read(process: string, isolation: ReadOf['isolation'], to: ReadOf['to']): void {
    const seen = PARTITIONS.flatMap((partition) => this.#visible(partition, isolation, 0));
    this.#note(process, { isolation, to, seen });
  }

  #note(process: string, read: Pick<ReadOf, 'isolation' | 'to' | 'seen'>): void {
    const all: ReadOf = { topics: TOPICS, from: 'start', ...read };
    this.#operations.push({ process, invoked: this.#now, completed: this.#now + 1, outcome: 'ok', read: all });
  }

  #visible(partition: PartitionName, isolation: ReadOf['isolation'], from: number): Seen[] {
    const shown = ({ value, transaction }: Entry) =>
      value !== null &&
      (isolation === 'uncommitted' || transaction?.state !== 'aborted' || this.#fault === 'show aborted');
    return this.#partition(partition)
      .slice(0, this.#endOf(partition, isolation))
      .flatMap((entry, offset) =>
        offset >= from && shown(entry) ? [{ partition, offset, value: entry.value as string }] : [],
      );
  }

  /** The high watermark, or the last stable offset. */
  #endOf(partition: PartitionName, isolation: ReadOf['isolation']): number {
    const log = this.#partition(partition);
    if (isolation === 'uncommitted' || this.#fault === 'show open') return log.length;
    const open = log.findIndex(({ transaction }) => transaction?.state === 'open');
    return open < 0 ? log.length : open;
  }

  #partition(name: PartitionName): Entry[] {
    return this.#log.get(name) as Entry[];
  }

  #is(fault: Fault): boolean {
    return this.#fault === fault && this.#random() < 0.2;
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }
}
