/**
 * One to twelve processes that share six partitions while records come, until every one is committed. Members come and go; in the
 * wild storm they are also killed and stopped, and go on later. Every record is printed; in the calm storm exactly once.
 *
 * BECK_STORM_RECORDS=N for fewer of them, BECK_SEED=N for the same storm again.
 */
import { describe, expect } from 'vitest';
import { type Beck, it, numbered, unix } from '../support/e2e.ts';
import type { Live } from '../support/run-beck.ts';
import { seeded } from '../support/seed.ts';

const RECORDS = Number(process.env.BECK_STORM_RECORDS ?? 1_000_000);
const PARTITIONS = 6;
const MOST_MEMBERS = 12;
/** In each, some records come and something happens. */
const ROUNDS = 30;

type Happening = 'join' | 'leave' | 'kill' | 'stop' | 'go on';

class Storm {
  readonly #beck: Beck;
  readonly #random: () => number;
  readonly #session: string;
  readonly #all: Live[] = [];
  readonly #running: Live[] = [];
  readonly #stopped: Live[] = [];

  /** `session`: in a calm so long that nobody who waits for a processor looks dead. */
  constructor(beck: Beck, random: () => number, session: string) {
    this.#session = session;
    this.#beck = beck;
    this.#random = random;
  }

  async rage(happenings: readonly Happening[]): Promise<void> {
    this.#happen('join');
    for (let round = 0; round < ROUNDS; round++) {
      const lines = numbered(Math.ceil(RECORDS / ROUNDS / PARTITIONS), `${round} `);
      const produced = Array.from({ length: 2 }, (_, i) => this.#producePart(lines, (2 * round + i) % PARTITIONS));
      this.#happen(this.#oneOf(happenings));
      await Promise.all(produced);
    }
    for (let p = 0; p < PARTITIONS; p++) await this.#beck.produce('t', 'the last\n', '-p', `${p}`);
    while (this.#stopped.length > 0) this.#happen('go on');
  }

  /** Ends all members that are left; answers what every one printed. */
  async end(): Promise<string[][]> {
    for (const live of this.#running) live.kill();
    await Promise.all(this.#all.map((live) => live.ended));
    return this.#all.map((live) => live.stdout.split('\n').slice(0, -1));
  }

  /** Three partitions' worth into one of them. */
  #producePart(lines: string, partition: number): Promise<unknown> {
    return this.#beck.produce('t', lines.repeat(3), '-p', `${partition}`, '--acks', '1');
  }

  #happen(what: Happening): void {
    switch (what) {
      case 'join':
        if (this.#running.length + this.#stopped.length < MOST_MEMBERS) this.#join();
        return;
      case 'leave':
      case 'kill':
        if (this.#running.length > 1) this.#pick(this.#running).kill(what === 'kill' ? 'SIGKILL' : 'SIGINT');
        return;
      case 'stop':
        if (this.#running.length > 1) this.#move(this.#running, this.#stopped, 'SIGSTOP');
        return;
      case 'go on':
        if (this.#stopped.length > 0) this.#move(this.#stopped, this.#running, 'SIGCONT');
    }
  }

  #join(): void {
    const args = ['consume', 't', '-g', 'g', '-f', '-o', '%p %o\\n', '--session-timeout', this.#session];
    const live = this.#beck.spawn(args);
    this.#all.push(live);
    this.#running.push(live);
  }

  #move(from: Live[], to: Live[], signal: NodeJS.Signals): void {
    const live = this.#pick(from);
    live.kill(signal);
    to.push(live);
  }

  #pick(from: Live[]): Live {
    return from.splice(Math.floor(this.#random() * from.length), 1)[0] as Live;
  }

  #oneOf<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T;
  }
}

describe.runIf(unix)('one to twelve processes share six partitions', () => {
  it.for<[string, string, readonly Happening[]]>([
    ['in a calm', '5m', ['join', 'join', 'leave']],
    ['in a storm', '700ms', ['join', 'join', 'join', 'leave', 'kill', 'stop', 'go on']],
  ])('%s', { timeout: 600_000 }, async ([name, session, happenings], { beck }) => {
    const random = seeded(`group ${name}`);
    await beck.create('t', '-p', `${PARTITIONS}`);
    const watch = beck.watchGroup('g');
    const storm = new Storm(beck, random, session);
    await storm.rage(happenings);
    const all = watch.ends();
    await watch.until(() => Object.entries(all).every(([p, end]) => watch.committed()[Number(p)] === end));
    const printed = await storm.end();
    const records = Object.values(all).reduce((sum, end) => sum + end, 0);
    expect(records).toBeGreaterThanOrEqual(RECORDS);
    expect(new Set(printed.flat()).size).toBe(records);
    if (name === 'in a calm') expect(printed.flat()).toHaveLength(records);
    expect(watch.owners()).toEqual({});
    expect(watch.committed()).toEqual(all);
  });
});
