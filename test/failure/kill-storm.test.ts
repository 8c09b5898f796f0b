/**
 * `kill -9` at random moments of everything that writes. After each: the directory opens at once, `check` finds nothing, every
 * acknowledged record is there with its bytes, offsets are dense, what was being lost, made or copied is whole.
 *
 * BECK_KILLS=N for more of them, BECK_SEED=N for the same ones again.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { type Beck, it } from '../support/e2e.ts';
import { problemsOf } from '../support/problems-of.ts';
import type { Live } from '../support/run-beck.ts';
import { seeded } from '../support/seed.ts';
import { append } from '../support/test-broker.ts';
import { Life, verifyCopy } from './life.ts';

const KILLS = Number(process.env.BECK_KILLS ?? 200);
/** In one directory, before the next one begins. */
const ROUNDS_A_LIFE = 12;
const STORMS = 2;

type Random = () => number;

interface Started {
  readonly live: Live;
  /** What is to be looked at afterwards. */
  readonly after?: () => void;
}

type Scene = (storm: Storm) => Started;

/** What is running when the kill comes. */
const SCENES: Readonly<Record<string, Scene>> = {
  'produce, record by record': (storm) => storm.produce(storm.portions(2000, 30)),
  'produce a few large records': (storm) => storm.produce(storm.portions(40, 200_000)),
  'produce in bulk': (storm) => storm.produce([storm.lines(20_000, 150)]),
  'produce compressed': (storm) => {
    const codec = ['gzip', 'lz4', 'snappy', 'zstd'][Math.floor(storm.random() * 4)] as string;
    return storm.produce([storm.lines(15_000, 200)], '-z', codec);
  },
  'produce without a sync': (storm) => storm.produce(storm.portions(3000, 100), '--acks', '1'),
  'retention by time, compaction': (storm) =>
    storm.start('retention', 'run', '--now', `${storm.life.timeWithin(storm.random())}`),
  'trim a topic': (storm) =>
    storm.start('topic', 'trim', 'old', '--before', `${storm.life.offsetWithin(storm.random())}`, '--yes'),
  compact: (storm) => storm.start('retention', 'run', 'keyed'),
  'delete a topic': (storm) => storm.start('topic', 'delete', storm.life.churn, '--yes'),
  'create a topic': (storm) => storm.start('topic', 'create', `made-${storm.round}`, '-p', '5', '-c', 'retention.ms=5'),
  snapshot: (storm) => {
    const into = join(storm.life.dir, `../snapshot-${storm.name}`);
    return { ...storm.start('snapshot', into), after: () => verifyCopy(into) };
  },
  'make a data directory': (storm) => {
    const dir = join(storm.life.dir, `birth-${storm.round}`);
    return { ...storm.start('topic', 'create', 't', '--data-dir', dir), after: () => verifyBirth(dir) };
  },
};

/** One directory after the other, in which one process after the other is killed. */
class Storm {
  readonly name: number;
  readonly random: Random;
  readonly #beck: Beck;
  /** How long a scene's process lives when it is let (ms), about. */
  readonly #lifetimes = new Map<string, number>();
  life: Life;
  round = 0;
  kills = 0;
  acknowledged = 0;
  #record = 0;
  #feeding: Promise<void> = Promise.resolve();

  constructor(beck: Beck, name: number, random: Random) {
    this.#beck = beck;
    this.name = name;
    this.random = random;
    this.life = this.#newLife();
  }

  #newLife(): Life {
    return new Life(join(this.#beck.folder, `life-${this.name}-${this.round}`));
  }

  start(...args: readonly string[]): Started {
    return { live: this.#beck.spawn(args, { stdin: 'pipe', env: { BECK_DATA_DIR: this.life.dir } }) };
  }

  produce(input: Iterable<string>, ...flags: readonly string[]): Started {
    const { live } = this.start('produce', 'acked', '-o', '%p %o %v\\n', ...flags);
    this.#feeding = feed(live, input);
    return { live };
  }

  /** Lines that are all different, and whose end can be told. */
  lines(count: number, size: number): string {
    let lines = '';
    for (let i = 0; i < count; i++) lines += `${this.name} ${this.#record++} ${'.'.repeat(this.random() * size)};\n`;
    return lines;
  }

  *portions(count: number, size: number): Generator<string> {
    for (let left = count; left > 0; ) {
      const some = Math.min(left, 1 + Math.floor(this.random() ** 3 * 50));
      left -= some;
      yield this.lines(some, size);
    }
  }

  /** Until so many were killed. One that was quicker than its kill is not counted, but looked at all the same. */
  async rage(kills: number): Promise<void> {
    while (this.kills < kills) {
      await this.#next();
      if (++this.round % ROUNDS_A_LIFE !== 0) continue;
      this.acknowledged += this.life.acknowledged;
      this.life.remove();
      this.life = this.#newLife();
    }
    this.acknowledged += this.life.acknowledged;
  }

  async #next(): Promise<void> {
    const names = Object.keys(SCENES);
    const scene = names[Math.floor(this.random() * names.length)] as string;
    const begun = performance.now();
    const { live, after } = (SCENES[scene] as Scene)(this);
    await this.#moment(live, scene);
    live.kill('SIGKILL');
    const { signal, stdout, stderr } = await live.ended;
    await this.#feeding;
    if (signal === 'SIGKILL') this.kills++;
    else {
      expect(stderr, scene).toBe('');
      this.#lifetimes.set(scene, performance.now() - begun);
    }
    if (scene.startsWith('produce')) this.life.acknowledge(stdout);
    after?.();
    this.life.verify();
    if (!scene.startsWith('produce')) this.life.refill();
  }

  /** The moment of the kill: after an acknowledgement, after something was written, or any. */
  async #moment(live: Live, scene: string): Promise<void> {
    const how = this.random();
    if (how < 0.4 && scene.startsWith('produce'))
      await live.prints(1 + Math.floor(this.random() ** 2 * 1500)).catch(() => undefined);
    else if (how < 0.7) await written(this.life.dir, live);
    else await setTimeout((0.3 + this.random() * 0.8) * (this.#lifetimes.get(scene) ?? 250));
    const until = performance.now() + this.random() ** 2 * 12;
    while (performance.now() < until && !live.hasEnded) await setImmediate();
  }
}

/** Resolves when the WAL has grown or shrunk, or the process is gone. */
async function written(dir: string, live: Live): Promise<void> {
  const size = () => statSync(join(dir, 'beck.db-wal'), { throwIfNoEntry: false })?.size ?? 0;
  const before = size();
  while (size() === before && !live.hasEnded) await setImmediate();
}

async function feed(live: Live, input: Iterable<string>): Promise<void> {
  for (const portion of input) {
    if (live.hasEnded || live.child.killed) return;
    live.write(portion);
    await setImmediate();
  }
  live.end();
}

/** Whoever comes next makes what is missing. */
function verifyBirth(dir: string): void {
  const broker = Broker.open(dir, 'create');
  broker.createTopics([{ name: 't', partitions: 1, configs: {} }], true);
  append(broker, 't', 0, [{ value: 'x' }]);
  broker.close();
  expect(problemsOf(dir)).toEqual([]);
}

describe('kill -9', () => {
  it(`${KILLS} times: what was acknowledged is there, and nothing is half`, { timeout: 60_000 + KILLS * 3000 }, async ({
    beck,
  }) => {
    const storms = Array.from({ length: STORMS }, (_, i) => new Storm(beck, i, seeded(`kill storm ${i}`)));
    await Promise.all(storms.map((storm) => storm.rage(Math.ceil(KILLS / STORMS))));
    expect(storms.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThanOrEqual(KILLS);
    expect(storms.reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBeGreaterThan(KILLS * 10);
  });
});
