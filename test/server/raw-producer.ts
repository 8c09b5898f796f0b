import type { NewRequest } from '../../src/protocol/api.ts';
import { produce } from '../../src/protocol/messages/00-produce.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { initProducerId } from '../../src/protocol/messages/22-init-producer-id.ts';
import { addPartitionsToTxn } from '../../src/protocol/messages/24-add-partitions-to-txn.ts';
import { addOffsetsToTxn } from '../../src/protocol/messages/25-add-offsets-to-txn.ts';
import { endTxn } from '../../src/protocol/messages/26-end-txn.ts';
import { txnOffsetCommit } from '../../src/protocol/messages/28-txn-offset-commit.ts';
import { readHeader } from '../../src/record/batch.ts';
import { BatchBuilder } from '../../src/record/builder.ts';
import type { TestClient, TestServer } from '../support/test-server.ts';

export interface Identity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

interface Sealed extends Partial<Identity> {
  readonly sequence?: number;
  readonly transactional?: boolean;
}

type Offset = NewRequest<typeof txnOffsetCommit>['topics'][number]['partitions'][number];

export const NOBODY: Identity = { producerId: -1, producerEpoch: -1 };

/** A batch of an idempotent producer, as clients make it. */
export function sealed(values: readonly string[], { sequence: baseSequence = 0, ...identity }: Sealed): Buffer {
  const builder = new BatchBuilder();
  for (const value of values) builder.append(null, Buffer.from(value), [], Date.now());
  return builder.finish({ ...identity, baseSequence });
}

/** A producer that says exactly what a test wants said, on one connection, of the topic `t`. */
export class RawProducer {
  readonly client: TestClient;
  readonly transactionalId: string | null;
  identity: Identity = NOBODY;

  private constructor(client: TestClient, transactionalId: string | null) {
    this.client = client;
    this.transactionalId = transactionalId;
  }

  static async to(server: TestServer, transactionalId: string | null, node?: number): Promise<RawProducer> {
    return new RawProducer(await server.connect(node), transactionalId);
  }

  /** InitProducerId, and keeps what it is given. */
  async init(more: Partial<NewRequest<typeof initProducerId>> = {}, version = 4) {
    const asked = { transactionalId: this.transactionalId, transactionTimeoutMs: 60_000, ...more };
    const { errorCode, producerId, producerEpoch } = await this.client.ask(initProducerId, version, asked);
    if (errorCode === 0) this.identity = { producerId, producerEpoch };
    return { errorCode, producerId, producerEpoch };
  }

  /** The numbers for the partitions, in their order. */
  async add(partitions: readonly number[] = [0], version = 3, topic = 't'): Promise<number[]> {
    const topics = [{ name: topic, partitions: [...partitions] }];
    const { resultsByTopic } = await this.client.ask(addPartitionsToTxn, version, { ...this.claim, topics });
    return resultsByTopic.flatMap((each) =>
      each.resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode),
    );
  }

  /** What Produce says of one transactional batch. */
  send(values: readonly string[], sequence = 0, { partition = 0, version = 9 } = {}) {
    const batch = sealed(values, { ...this.identity, sequence, transactional: true });
    return this.produce(batch, { partition, version });
  }

  async produce(
    records: Buffer,
    { partition = 0, version = 9, transactionalId = this.transactionalId, topic = 't' } = {},
  ) {
    const topicData = [{ name: topic, partitionData: [{ index: partition, records }] }];
    const request = { transactionalId, acks: -1, timeoutMs: 1000, topicData };
    const { responses } = await this.client.ask(produce, version, request);
    const answer = responses[0]?.partitionResponses[0];
    return { errorCode: answer?.errorCode, baseOffset: answer?.baseOffset };
  }

  async addOffsets(groupId = 'g', version = 3): Promise<number> {
    return (await this.client.ask(addOffsetsToTxn, version, { ...this.claim, groupId })).errorCode;
  }

  /** The numbers for the offsets, in their order. */
  async commitOffsets(
    offsets: readonly Partial<Offset>[],
    more: Partial<NewRequest<typeof txnOffsetCommit>> = {},
    version = 3,
  ): Promise<number[]> {
    const all = offsets.map((each) => ({ partitionIndex: 0, committedOffset: 0, committedMetadata: null, ...each }));
    const asked = { ...this.claim, groupId: 'g', topics: [{ name: 't', partitions: all }], ...more };
    const { topics } = await this.client.ask(txnOffsetCommit, version, asked);
    return topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode));
  }

  async end(committed: boolean, version = 3): Promise<number> {
    return (await this.client.ask(endTxn, version, { ...this.claim, committed })).errorCode;
  }

  get claim() {
    return { transactionalId: this.transactionalId ?? '', ...this.identity };
  }
}

/** A fetch of one partition of `t`; `ask` and `receive` both want it. */
export function fetchOf(partition: number, fetchOffset: number, isolationLevel: 0 | 1, maxWaitMs = 0) {
  const partitions = [{ partition, fetchOffset, partitionMaxBytes: 1 << 20 }];
  return { maxWaitMs, minBytes: 1, maxBytes: 1 << 20, isolationLevel, topics: [{ topic: 't', partitions }] };
}

/** What a fetch brings, with the base offsets of its batches. */
export async function fetched(client: TestClient, isolation: 0 | 1, { partition = 0, from = 0, version = 11 } = {}) {
  return seenIn(await client.ask(fetch, version, fetchOf(partition, from, isolation)));
}

export function seenIn({ responses }: { responses: readonly { readonly partitions: readonly Fetched[] }[] }) {
  const [found] = responses[0]?.partitions ?? [];
  if (found === undefined) throw new Error('no partition in the answer');
  const { errorCode, highWatermark, lastStableOffset, abortedTransactions, records } = found;
  return {
    errorCode,
    highWatermark,
    lastStableOffset,
    abortedTransactions,
    bases: basesOf(records ?? Buffer.alloc(0)),
  };
}

interface Fetched {
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly abortedTransactions: readonly { readonly producerId: number; readonly firstOffset: number }[] | null;
  readonly records: Buffer | null;
}

function basesOf(records: Buffer): number[] {
  const bases: number[] = [];
  for (let at = 0; at < records.length; ) {
    const { baseOffset, length } = readHeader(records.subarray(at));
    bases.push(baseOffset);
    at += length;
  }
  return bases;
}
