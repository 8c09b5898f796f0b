import { setTimeout } from 'node:timers/promises';
import type { PartitionName, Send } from './operation.ts';
import type { Input } from './witness.ts';

/** Topics of a run, and how many partitions each has. `trimmed` and `compacted` lose records on purpose, and have but one. */
export const TOPICS = { orders: 3, users: 2, trimmed: 1, compacted: 1 } as const;
export type Topic = keyof typeof TOPICS;

const ALL = Object.keys(TOPICS) as Topic[];
const KEYS = 8;
/** So many of a hundred inputs have a line that is no record: of a transaction nothing is kept then. */
const SPOILT = 6;
/** As long as a producer may dawdle over its input (ms). */
const PAUSE_MS = 30;

interface Line {
  readonly text: string;
  readonly send: Send;
}

/** What random producers are given: few records or many, into one topic or several, all at once or bit by bit. */
export class Inputs {
  readonly #random: () => number;
  #made = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** `most` records, all different. */
  next(transaction: boolean, most: number): Input {
    const name = `${transaction ? 't' : 'p'}${++this.#made}`;
    const count = 1 + Math.floor(this.#random() ** 3 * most);
    const several = this.#random() < 0.5;
    const topics = several ? ALL.filter(() => this.#random() < 0.7) : [this.#oneOf(ALL)];
    if (topics.length === 0) topics.push('orders');
    const lines = Array.from({ length: count }, (_, i) => this.#line(this.#oneOf(topics), `${name}.${i}`, several));
    const texts = lines.map(({ text }) => text);
    if (this.#random() * 100 < SPOILT) texts.splice(Math.floor(this.#random() * texts.length), 0, 'no-record\n');
    const args = several ? ['-i', '%t %k %v\\n'] : [topics[0] as Topic, '-K', ' '];
    return { args, transaction, topics, sends: lines.map(({ send }) => send), portions: this.#portions(texts) };
  }

  #line(topic: Topic, name: string, named: boolean): Line {
    const value = `${name}${'.'.repeat(this.#random() ** 8 * 5000)}`;
    const key = `k${Math.floor(this.#random() * KEYS)}`;
    const partition: PartitionName | undefined = TOPICS[topic] === 1 ? `${topic}/0` : undefined;
    return { text: `${named ? `${topic} ` : ''}${key} ${value}\n`, send: { value, key, partition } };
  }

  async *#portions(lines: readonly string[]): AsyncGenerator<string> {
    const dawdles = this.#random() < 0.5;
    for (let at = 0; at < lines.length; ) {
      const some = 1 + Math.floor(this.#random() * (dawdles ? 10 : 1000));
      yield lines.slice(at, at + some).join('');
      at += some;
      if (dawdles && at < 100) await setTimeout(this.#random() * PAUSE_MS);
    }
  }

  #oneOf<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T;
  }
}
