/** Two releases of @platformatic/kafka that behave differently; the second is not for Node 20. */
import type * as Package from '@platformatic/kafka';
import type { Admin, ConsumeOptions, Consumer, Message, Producer, ProducerOptions } from '@platformatic/kafka';
import { type Served, until } from './stage.ts';

export interface Release {
  /** In the names of tests. */
  readonly name: string;
  /** What is imported. */
  readonly package: string;
  /** Whether this Node can. */
  readonly runs: boolean;
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isNew = major > 24 || (major === 24 && minor >= 6) || major === 23 || (major === 22 && minor >= 22);

export const RELEASES: readonly Release[] = [
  { name: '@platformatic/kafka 1.35', package: '@platformatic/kafka', runs: true },
  { name: '@platformatic/kafka 2.12 (Node ≥ 22.22)', package: 'platformatic-kafka-2', runs: isNew },
];

type Texts<T> = T extends Producer
  ? Producer<string, string, string, string>
  : Consumer<string, string, string, string>;
type Reading = Partial<ConsumeOptions<string, string, string, string>>;
type Text = Message<string, string, string, string>;

/** One release on a broker, with strings as its documentation has them; what it opens is closed when the test ends. */
export class Platformatic {
  readonly lib: typeof Package;
  readonly #served: Served;
  readonly #base: { clientId: string; bootstrapBrokers: string[]; retryDelay: number };

  private constructor(lib: typeof Package, served: Served) {
    this.lib = lib;
    this.#served = served;
    this.#base = { clientId: 'app', bootstrapBrokers: served.brokers, retryDelay: 50 };
  }

  /** What the tests use is the same in both. */
  static async load(release: Release, served: Served): Promise<Platformatic> {
    return new Platformatic((await import(release.package)) as typeof Package, served);
  }

  producer(options: Partial<ProducerOptions<string, string, string, string>> = {}): Texts<Producer> {
    const { Producer, stringSerializers } = this.lib;
    return this.#keep(new Producer({ ...this.#base, serializers: stringSerializers, ...options }));
  }

  admin(): Admin {
    const admin = new this.lib.Admin({ ...this.#base, retries: 0 });
    this.#served.beck.atEnd(() => admin.close());
    return admin;
  }

  consumer(groupId: string, options: object = {}): Texts<Consumer> {
    const { Consumer, stringDeserializers } = this.lib;
    return this.#keep(new Consumer({ ...this.#base, groupId, deserializers: stringDeserializers, ...options }));
  }

  /** What a consumer reads of a topic until there are so many. */
  async reads(
    groupId: string,
    topic: string,
    count: number,
    { options = {}, ...reading }: Reading & { options?: object } = {},
  ) {
    const consumer = this.consumer(groupId, options);
    const how = { autocommit: true, mode: 'earliest', maxWaitTime: 200, ...reading } as const;
    const stream = await consumer.consume({ topics: [topic], ...how } as ConsumeOptions<
      string,
      string,
      string,
      string
    >);
    const seen: Text[] = [];
    stream.on('data', (message: Text) => void seen.push(message));
    await until(() => seen.length >= count);
    await consumer.close(true);
    return seen;
  }

  #keep<C extends { close(force: boolean): Promise<void> }>(client: C): C {
    this.#served.beck.atEnd(() => client.close(true));
    return client;
  }
}
