/** Somebody who runs beck's commands and writes down what they were given, what they said, and how they ended. */
import type { Beck } from '../../support/e2e.ts';
import type { Live, Ran } from '../../support/run-beck.ts';
import type { History, Operation, Outcome, PartitionName, ReadOf, Seen, Send } from './operation.ts';

/** A record a line. Values in a history have no blanks and no newlines. */
const PLACES = ['-o', '%t %p %o %v\\n'];

/** What a producer is given. */
export interface Input {
  readonly args: readonly string[];
  readonly transaction: boolean;
  /** Those that it may write to. */
  readonly topics: readonly string[];
  readonly sends: readonly Send[];
  /** Pieces of stdin, which ends after the last one. */
  readonly portions: AsyncIterable<string>;
}

/** One that is under way; `over` when it is written down. */
export interface Witnessed {
  readonly live: Live;
  readonly over: Promise<Ran>;
}

export class Witness {
  readonly #beck: Beck;
  readonly #env: Readonly<Record<string, string>>;
  readonly #operations: Operation[] = [];
  #named = 0;

  constructor(beck: Beck, env: Readonly<Record<string, string>> = {}) {
    this.#beck = beck;
    this.#env = env;
  }

  history(more: Omit<History, 'operations'> = {}): History {
    return { operations: this.#operations, ...more };
  }

  /** Adds what was not a command's. */
  note(operation: Operation): void {
    this.#operations.push(operation);
  }

  /** `ends`: with all of its input given its stdin is left open until that. */
  produce({ args, transaction, topics, sends, portions }: Input, ends?: Promise<unknown>): Witnessed {
    const process = this.#name('produce');
    const invoked = now();
    const live = this.start(['produce', ...args, ...(transaction ? ['--txn'] : []), ...PLACES]);
    let committableFrom = Infinity;
    const fed = feed(live, portions, async () => {
      await ends;
      committableFrom = now();
    });
    const over = Promise.race([fed, live.ended]).then(async () => {
      const ran = await live.ended;
      const told = new Map(seenIn(ran.stdout).map((seen) => [seen.value, seen]));
      const known = sends.map((send) => ({ ...send, ...told.get(send.value) }));
      const wrote = { transaction, topics, sends: known, committableFrom: transaction ? committableFrom : undefined };
      this.note({ process, invoked, completed: now(), outcome: outcomeOf(ran, transaction), wrote });
      return ran;
    });
    return { live, over };
  }

  /** Reads what is there. */
  read(topics: readonly string[], isolation: ReadOf['isolation'], to: 'end' | 'rest' = 'end'): Witnessed {
    const process = this.#name('consume');
    const invoked = now();
    const live = this.start(['consume', ...topics, ...flagsOf(isolation), ...PLACES]);
    const over = live.ended.then((ran) => {
      const read: ReadOf = {
        topics,
        isolation,
        seen: seenIn(ran.stdout),
        from: 'start',
        to: ran.code === 0 ? to : 'anywhere',
      };
      this.note({ process, invoked, completed: now(), outcome: 'ok', read });
      return ran;
    });
    return { live, over };
  }

  /** Follows; what comes at once is an operation. */
  follow(topics: readonly string[], isolation: ReadOf['isolation']): Witnessed {
    const process = this.#name('consume -f');
    const live = this.start(['consume', ...topics, '-f', ...flagsOf(isolation), ...PLACES]);
    let invoked = now();
    let rest = '';
    live.child.stdout?.on('data', (chunk: Buffer) => {
      const text = rest + chunk.toString();
      rest = text.slice(text.lastIndexOf('\n') + 1);
      const completed = now();
      const read = { topics, isolation, seen: seenIn(text), from: 'start', to: 'anywhere' } as const;
      this.note({ process, invoked, completed, outcome: 'ok', read });
      invoked = completed;
    });
    return { live, over: live.ended };
  }

  /** A pipe. Nobody sees where its transactions begin and end: while it lives it may hold its outputs back. */
  pipe(args: readonly string[], topics: readonly string[]): Witnessed {
    const process = this.#name('pipe');
    const invoked = now();
    const live = this.start(['pipe', ...args]);
    const over = live.ended.then((ran) => {
      const wrote = { transaction: true, topics, sends: [] };
      this.note({ process, invoked, completed: now(), outcome: 'info', wrote });
      return ran;
    });
    return { live, over };
  }

  start(args: readonly string[]): Live {
    return this.#beck.spawn(args, { stdin: 'pipe', env: this.#env });
  }

  /** What somebody has read from a partition and written to another one: the same values in the same order, but for `map`. */
  noteMapping(seen: readonly Seen[], from: string, to: PartitionName, map: (value: string) => string): void {
    const sends = seen.map(({ value }) => ({ value: map(value), partition: to }));
    this.note({
      process: `what is piped to ${to}`,
      invoked: 0,
      completed: now(),
      outcome: 'ok',
      wrote: { transaction: false, topics: [], sends },
      read: { topics: [from], isolation: 'committed', seen, from: 'anywhere', to: 'anywhere' },
    });
  }

  #name(what: string): string {
    return `${what} ${++this.#named}`;
  }
}

/** Of whole lines; half a line says nothing. */
export function seenIn(printed: string): Seen[] {
  return printed
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [topic, number, offset, value = ''] = line.split(' ');
      return { partition: `${topic}/${Number(number)}`, offset: Number(offset), value };
    });
}

/** A transaction that ended without success says that there is nothing of it, unless it was killed or had come to its end before. */
function outcomeOf({ code, signal, stderr }: Ran, transaction: boolean): Outcome {
  if (code === 0 || stderr.includes('all of it had been written')) return 'ok';
  return transaction && signal === null ? 'fail' : 'info';
}

async function feed(live: Live, portions: AsyncIterable<string>, beforeEnd: () => Promise<void>): Promise<void> {
  for await (const portion of portions) {
    if (live.hasEnded) break;
    live.write(portion);
  }
  await beforeEnd();
  live.end();
}

function flagsOf(isolation: ReadOf['isolation']): string[] {
  return isolation === 'committed' ? [] : ['--isolation', 'read_uncommitted'];
}

function now(): number {
  return performance.now();
}
