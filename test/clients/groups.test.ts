/** Groups of other people's consumers: they share, join, leave, crash, come back, and go on where they were. */
import type { Producer } from 'kafkajs';
import { describe, expect } from 'vitest';
import { type Beck, it, unix } from '../support/e2e.ts';
import { KafkaJs } from './kafkajs-client.ts';
import { KINDS, type Kind, Member, type MemberOptions, readAll, share } from './members.ts';
import { onBeck, type Served, serve, until } from './stage.ts';

const PARTITIONS = 4;

/** A group on a topic of its own, and somebody who writes into it. */
class Scene {
  readonly served: Served;
  readonly topic: string;
  readonly group: string;
  readonly #kind: Kind;
  readonly #producer: Producer;
  #sent = 0;

  private constructor(served: Served, kind: Kind, topic: string, producer: Producer) {
    this.served = served;
    this.topic = topic;
    this.group = served.name('g');
    this.#kind = kind;
    this.#producer = producer;
  }

  static async open(beck: Beck, kind: Kind, ...flags: readonly string[]): Promise<Scene> {
    const served = await serve(beck, ...flags);
    const topic = await served.topic('t', PARTITIONS);
    return new Scene(served, kind, topic, await new KafkaJs(served).producer({ retry: { retries: 20 } }));
  }

  start(options: MemberOptions = {}, kind = this.#kind): Member {
    return new Member(kind.start(this.served, this.group, this.topic, options));
  }

  /** Ten records into each partition, each with a value of its own. */
  async send(): Promise<void> {
    const messages = Array.from({ length: 10 * PARTITIONS }, () => ({
      partition: this.#sent % PARTITIONS,
      value: `${this.#sent++}`,
    }));
    await this.#producer.send({ topic: this.topic, messages });
  }

  /** Every record that was sent was read by one of them, once. */
  async wasRead(...members: readonly Member[]): Promise<void> {
    await readAll(this.#sent, ...members);
    const all = members.flatMap(({ read }) => read).map(Number);
    const seen = this.#kind.mayRepeat ? [...new Set(all)] : all;
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: this.#sent }, (_, i) => i));
  }

  /** Until the group's offsets are those of all that was sent, if they will be before somebody leaves. */
  async isCommitted(): Promise<void> {
    if (this.#kind.commitsLate) return;
    const admin = await new KafkaJs(this.served).admin();
    for (let sum = -1; sum !== this.#sent; ) {
      const [topic] = await admin.fetchOffsets({ groupId: this.group, topics: [this.topic] });
      sum = topic?.partitions.reduce((all, { offset }) => all + Math.max(0, Number(offset)), 0) ?? 0;
    }
  }
}

for (const kind of KINDS) {
  describe.runIf(unix && kind.runs)(`a group of ${kind.name}`, () => {
    it('shares, makes room for who joins, takes over from who leaves: each record once', async ({ beck }) => {
      const scene = await Scene.open(beck, kind);
      const a = scene.start();
      await share(PARTITIONS, a);
      await scene.send();
      await scene.wasRead(a);
      await scene.isCommitted();
      const b = scene.start();
      await share(PARTITIONS, a, b);
      await scene.send();
      await scene.wasRead(a, b);
      await scene.send();
      await scene.wasRead(a, b);
      expect(b.read).not.toEqual([]);
      await scene.isCommitted();
      await b.leave();
      await share(PARTITIONS, a);
      await scene.send();
      await scene.wasRead(a, b);
    });

    it('goes on where the one before has left', async ({ beck }) => {
      const scene = await Scene.open(beck, kind);
      const a = scene.start();
      await scene.send();
      await readAll(40, a);
      await scene.isCommitted();
      await a.leave();
      await scene.send();
      const b = scene.start();
      await scene.wasRead(a, b);
    });

    it('takes over from one that is killed', async ({ beck }) => {
      const scene = await Scene.open(beck, kind);
      const a = scene.start({ session: 6000 });
      const b = scene.start({ session: 6000 });
      await share(PARTITIONS, a, b);
      await b.crash();
      await share(PARTITIONS, a);
      await scene.send();
      await scene.wasRead(a);
    });

    it.runIf(kind.canBeStatic)('a static member is back in its place, and nobody notices', async ({ beck }) => {
      const scene = await Scene.open(beck, kind);
      const a = scene.start({ instance: 'a' });
      const b = scene.start({ instance: 'b' });
      await share(PARTITIONS, a, b);
      const [before, had] = [a.changes, b.has];
      await b.crash();
      const again = scene.start({ instance: 'b' });
      await share(PARTITIONS, a, again);
      expect([a.changes, again.has]).toEqual([before, had]);
      await scene.send();
      await scene.wasRead(a, again);
    });

    it.runIf(onBeck)('shares with beck consume, and each takes over from the other', async ({ beck }) => {
      const scene = await Scene.open(beck, kind);
      const own = () => new Member(beck.spawn(['consume', scene.topic, '-g', scene.group, '-f', '-o', '%p:%o %v\\n']));
      const a = own();
      await scene.send();
      await scene.wasRead(a);
      const b = scene.start();
      await until(() => b.has.length === PARTITIONS / 2);
      await scene.send();
      await scene.wasRead(a, b);
      a.live.kill('SIGINT');
      await share(PARTITIONS, b);
      await scene.send();
      await scene.wasRead(a, b);
      const c = own();
      await until(() => b.has.length === PARTITIONS / 2);
      await scene.send();
      await scene.wasRead(a, b, c);
      await b.leave();
      await scene.send();
      await scene.wasRead(a, b, c);
    });

    it.runIf(onBeck)('stays together while the server is started again, and goes on', async ({ beck }) => {
      const scene = await Scene.open(beck, kind);
      const [a, b] = [scene.start(), scene.start()];
      await share(PARTITIONS, a, b);
      await scene.send();
      await scene.wasRead(a, b);
      const { live, brokers } = scene.served;
      live.kill('SIGTERM');
      expect(await live.ended).toMatchObject({ code: 0 });
      await serve(beck, '--listen', brokers[0] as string);
      await scene.send();
      await scene.wasRead(a, b);
    });
  });
}
