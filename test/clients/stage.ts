/**
 * Where other people's clients are tried: on a real `beck serve`, in a process of its own. With BECK_TEST_KAFKA=HOST:PORT the same
 * tests are run on that Kafka, which says whether they ask for what Kafka does; what only beck has is skipped then.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { Beck, JsonRecord } from '../support/e2e.ts';
import type { Live } from '../support/run-beck.ts';
import { KafkaJs } from './kafkajs-client.ts';

const PEER = process.env['BECK_TEST_KAFKA']?.split(',');

/** Whether it is beck that is tried. */
export const onBeck = PEER === undefined;

/** kcat is Debian's package; on a machine without it, its tests are skipped. */
export const hasKcat = spawnSync('kcat', ['-V']).status === 0;

/** A record, as whoever is not the client under test has read it. */
export type Seen = Pick<JsonRecord, 'partition' | 'timestamp' | 'key' | 'value' | 'headers'>;

export class Served {
  readonly beck: Beck;
  /** `HOST:PORT` of each node. */
  readonly brokers: string[];
  readonly #live: Live | undefined;
  readonly #mark = onBeck ? '' : `-${randomBytes(4).toString('hex')}`;

  constructor(beck: Beck, brokers: string[], live?: Live) {
    this.beck = beck;
    this.brokers = brokers;
    this.#live = live;
  }

  get bootstrap(): string {
    return this.brokers.join(',');
  }

  /** The server's process. */
  get live(): Live {
    if (this.#live === undefined) throw new Error('this is for beck alone');
    return this.#live;
  }

  /** A name that nobody else on this broker has. */
  name(base: string): string {
    return `${base}${this.#mark}`;
  }

  /** Makes a topic; answers its name. */
  async topic(base = 't', numPartitions = 1, configs: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = this.name(base);
    const admin = await new KafkaJs(this).admin();
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    await admin.createTopics({ topics: [{ topic, numPartitions, configEntries }], waitForLeaders: true });
    return topic;
  }

  /** Every committed record, as beck's own consume reads it; at a Kafka, as kcat does. */
  async records(topic: string): Promise<Seen[]> {
    return onBeck ? this.beck.records(topic) : this.#peerRecords(topic);
  }

  /** The values of `records`. */
  async values(topic: string): Promise<Seen['value'][]> {
    return (await this.records(topic)).map(({ value }) => value);
  }

  async #peerRecords(topic: string): Promise<Seen[]> {
    const { stdout } = await this.beck.start('kcat', ['-C', '-e', '-q', '-J', '-b', this.bootstrap, '-t', topic]).ended;
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const { partition, ts, key, payload, headers = [] } = JSON.parse(line);
        const pairs = headers.flatMap((_: string, i: number) => (i % 2 ? [] : [[headers[i], headers[i + 1]]]));
        return { partition, timestamp: ts, key, value: payload, headers: pairs };
      });
  }
}

/** Serves until the test ends. That a client made the server complain, or was cut off, fails the test. */
export async function serve(beck: Beck, ...flags: readonly string[]): Promise<Served> {
  const served = await serveWhoever(beck, ...flags);
  if (onBeck) beck.atEnd(() => expect(served.live.stderr, 'what the server complains of').toBe(''));
  return served;
}

/** As `serve`, for clients that it may well complain of. */
export async function serveWhoever(beck: Beck, ...flags: readonly string[]): Promise<Served> {
  if (PEER !== undefined) return new Served(beck, PEER);
  const live = beck.spawn(['serve', ...(flags.includes('--listen') ? [] : ['--listen', '127.0.0.1:0']), ...flags]);
  const { bootstrap } = JSON.parse(await live.prints(1)) as { bootstrap: string };
  return new Served(beck, bootstrap.split(','), live);
}

/** Whether it is so; a test's own time limit ends what never is. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}
