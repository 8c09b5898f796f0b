/** Many lines in and out again: against Node itself, against the disk, against kcat and Kafka. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BENCH, type Ground, inTurns, settle } from './ground.ts';
import { LINE_BYTES, writeLines } from './lines-file.ts';
import { absolute, type Row, ratioOf } from './row.ts';
import type { Section } from './setting.ts';

const GROUP = 'Lines';
const MOST_MEMORY_MB = 200;

type Side = 'produce' | 'split' | 'dd' | 'consume' | 'kafkaIn' | 'kafkaOut';

export const lines: Section = async ({ ground, lines: count, rounds, kafka }) => {
  const file = writeLines(ground.fresh('lines'), count);
  const pair = new Pair(ground, file);
  const times = await inTurns<Side>(rounds, {
    produce: () => pair.produce(),
    split: () => pair.splitAndSync(),
    dd: () => pair.dd(),
    consume: () => pair.consume(),
    ...(kafka === undefined ? {} : { kafkaIn: () => pair.kafkaIn(kafka), kafkaOut: () => pair.kafkaOut(kafka) }),
  });
  pair.compare();
  const size = `${count.toLocaleString('en')} JSON lines of ${LINE_BYTES} bytes`;
  const row = (what: string, a: Side, b: Side, wanted: number | undefined, method: string) =>
    ({ group: GROUP, what, ...ratioOf(times[a], times[b]), wanted, method }) satisfies Row;
  return [
    row(
      'produce / split and sync',
      'produce',
      'split',
      1.5,
      `beck produce t < FILE, durable, ${size}; against node bench/split-and-sync.js FILE`,
    ),
    row('produce / disk', 'produce', 'dd', undefined, 'the same; against dd bs=1M conv=fsync of FILE'),
    row(
      'consume / produce',
      'consume',
      'produce',
      1,
      'beck consume t > FILE, compared byte for byte; against that produce',
    ),
    ...(kafka === undefined
      ? []
      : [
          row(
            'produce / kcat into Kafka',
            'produce',
            'kafkaIn',
            0.5,
            'the same produce; against kcat -P -l FILE (Kafka does not sync)',
          ),
          row(
            'consume / kcat out of Kafka',
            'consume',
            'kafkaOut',
            0.2,
            'the same consume; against kcat -C -e -q > FILE',
          ),
        ]),
    ...pair.memory(size),
  ];
};

/** The runs; each begins with an empty data directory, file or topic, and with a disk that has nothing left to do. */
class Pair {
  readonly #ground: Ground;
  readonly #file: string;
  readonly #copy: string;
  readonly #out: string;
  #dataDir = '';
  #topic = '';

  constructor(ground: Ground, file: string) {
    this.#ground = ground;
    this.#file = file;
    this.#copy = ground.fresh('copy');
    this.#out = ground.fresh('out');
  }

  produce(probe = false): number {
    this.#ground.remove(this.#dataDir || this.#copy);
    this.#dataDir = this.#ground.topic();
    settle();
    const { ms, usage } = this.#ground.beck(['produce', 't'], { stdin: this.#file, dataDir: this.#dataDir, probe });
    return usage?.peakRss ?? ms;
  }

  consume(probe = false): number {
    settle();
    const { ms, usage } = this.#ground.beck(['consume', 't'], { stdout: this.#out, dataDir: this.#dataDir, probe });
    return usage?.peakRss ?? ms;
  }

  splitAndSync(): number {
    return this.#storing(process.execPath, [join(BENCH, 'split-and-sync.js'), this.#file, this.#copy]);
  }

  dd(): number {
    return this.#storing('dd', [`if=${this.#file}`, `of=${this.#copy}`, 'bs=1M', 'conv=fsync']);
  }

  #storing(command: string, args: readonly string[]): number {
    this.#ground.remove(this.#copy);
    settle();
    return this.#ground.run(command, args).ms;
  }

  kafkaIn(broker: string): number {
    this.#topic = `beck-bench-${process.pid}-${Math.random().toString(36).slice(2)}`;
    settle();
    return this.#ground.run('kcat', ['-P', '-b', broker, '-t', this.#topic, '-l', this.#file]).ms;
  }

  kafkaOut(broker: string): number {
    settle();
    return this.#ground.run('kcat', ['-C', '-b', broker, '-t', this.#topic, '-o', 'beginning', '-e', '-q'], {
      stdout: this.#copy,
    }).ms;
  }

  /** What came out is what went in. */
  compare(): void {
    this.consume();
    const { status } = spawnSync('cmp', [this.#file, this.#out]);
    if (status !== 0) throw new Error('what beck consume printed is not what beck produce was given');
  }

  memory(size: string): Row[] {
    const runs = { produce: () => this.produce(true), consume: () => this.consume(true) };
    return Object.entries(runs).map(([what, run]) => ({
      group: GROUP,
      what: `peak memory of ${what}`,
      ...absolute([run() / 1e6], 'MB'),
      wanted: MOST_MEMORY_MB,
      method: `maxRSS of one more ${what} of the ${size}`,
    }));
  }
}
