/** A data directory with groups in it, for tests of their commands. */
import type { Broker } from '../../src/broker/broker.ts';
import { thisProcess } from '../../src/broker/peers.ts';
import type { Cluster } from '../../src/client/cluster.ts';
import { openCluster } from '../../src/client/open.ts';
import type { Membership } from '../../src/group/groups.ts';
import type { ProcessId } from '../../src/types.ts';
import { beck, type Surroundings } from '../cli/memory-io.ts';
import { tempDir } from '../support/temp-dir.ts';
import { append, openTestBroker, TestClock } from '../support/test-broker.ts';

export const NOW = 1_700_000_000_000;

/** A process that has ended, by all that can be seen. */
export const DEAD: ProcessId = { ...thisProcess(), started: '1' };

/**
 * `orders`: partition 0 has offsets 0 to 3 of 4, 3, 2 and 1 hours ago, partition 1 offset 0 of an hour ago, partition 2 none;
 * `users`: offset 0, now. The clock of the broker stands at NOW.
 */
export class Shop {
  readonly dir = tempDir();
  readonly clock = new TestClock();
  readonly broker: Broker;

  constructor() {
    this.clock.time = NOW;
    this.broker = openTestBroker({ dir: this.dir, clock: this.clock });
    this.broker.createTopics([{ name: 'orders', partitions: 3 }, { name: 'users' }]);
    for (const hours of [4, 3, 2, 1]) this.append('orders', 0, hours * 3_600_000);
    this.append('orders', 1, 3_600_000);
    this.append('users', 0, 0);
  }

  /** One record, so many ms old. */
  append(topic: string, partition: number, age: number): void {
    append(this.broker, topic, partition, [{ value: 'x', timestamp: NOW - age }]);
  }

  /** Commits for a group without members, an hour ago unless said. */
  commit(group: string, offsets: Readonly<Record<string, number>>, metadata = ''): void {
    const rows = Object.entries(offsets).map(([place, offset]) => ({ id: this.id(place), offset, metadata }));
    this.broker.groups.commit(group, null, rows);
  }

  /** Of `orders 0`. */
  id(place: string): number {
    const [topic = '', partition] = place.split(' ');
    return this.broker.topic(topic).partitions[Number(partition)]?.id as number;
  }

  /** A member that was heard of just now, by the clock of the commands: theirs cannot be set. */
  join(group: string, name: string, topics = ['orders'], process: ProcessId = thisProcess()): Membership {
    this.clock.time = Date.now();
    const membership = this.broker.groups.join({
      group,
      memberId: `beck-${name}`,
      name,
      host: 'box',
      subscription: { names: topics },
      sessionTimeoutMs: 10_000,
      process,
    });
    this.clock.time = NOW;
    return membership;
  }

  run(line: string, options: Surroundings = {}): ReturnType<typeof beck> {
    return beck(line.split(' '), { now: NOW, dataDir: this.dir, ...options });
  }

  /** As a command sees it. */
  async cluster(): Promise<{ cluster: Cluster; close: () => Promise<void> }> {
    const cluster = await openCluster({
      dataDir: this.dir,
      allowUnsafeFs: false,
      cwd: '/',
      env: {},
      signal: new AbortController().signal,
      mode: 'existing',
    });
    return { cluster, close: () => cluster.close() };
  }

  /** What a group has committed, by place. */
  async committed(group: string): Promise<Record<string, number>> {
    const { stdout } = await this.run(`group export ${group} --json`);
    const { offsets } = JSON.parse(stdout) as { offsets: { topic: string; partition: number; offset: number }[] };
    return Object.fromEntries(offsets.map(({ topic, partition, offset }) => [`${topic} ${partition}`, offset]));
  }
}
