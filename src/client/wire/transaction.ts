import type { ProducerIdentity, TransactionRef } from '../../broker/transaction-coordinator.ts';
import { BrokerError, errorSaid } from '../../errors.ts';
import type { NewRequest, ResponseOf } from '../../protocol/api.ts';
import { addPartitionsToTxn } from '../../protocol/messages/24-add-partitions-to-txn.ts';
import { addOffsetsToTxn } from '../../protocol/messages/25-add-offsets-to-txn.ts';
import { endTxn } from '../../protocol/messages/26-end-txn.ts';
import { txnOffsetCommit } from '../../protocol/messages/28-txn-offset-commit.ts';
import { newTransactionalId } from '../transactional-id.ts';
import type { TransactionKeeper } from '../transactional-producer.ts';
import type { SentOffsets } from '../transactions.ts';
import type { WireConnection } from './connection.ts';
import type { Line } from './line.ts';
import { isLoss, nothingKept } from './loss.ts';
import { byTopic } from './places.ts';
import { askProducerId } from './producer-id.ts';

/** What the end of one finds that a server has aborted and forgotten, since its connection had closed. */
const INVALID_PRODUCER_ID_MAPPING = 49;

/** What a transaction's end finds when the group's member is one no more. */
const ILLEGAL_GENERATION = 22;

/** A server keeps it (KIP-98), for as long as this connection is open: when that closes, the server aborts what is open. */
export class WireTransaction implements TransactionKeeper {
  readonly transactionalId = newTransactionalId();
  readonly #line: Line;
  #connection: WireConnection | undefined;
  #epoch: ProducerIdentity | undefined;
  /** The partitions that are in the transaction, by topic. */
  readonly #enlisted = new Map<string, Set<number>>();

  constructor(line: Line) {
    this.#line = line;
  }

  /** That of the transaction; lost, there is no other before its end. */
  get connection(): WireConnection {
    if (this.#connection === undefined) throw new BrokerError('BUG', { problem: 'no transaction was begun' });
    return this.#connection;
  }

  async begin(): Promise<ProducerIdentity> {
    this.#enlisted.clear();
    this.#connection = await this.#line.patiently();
    this.#epoch = await askProducerId(this.#connection, this.transactionalId);
    return this.#epoch;
  }

  /** Called before a batch is sent there. Throws PRODUCER_FENCED, and what else the server says. */
  async enlist(topic: string, partitions: readonly number[]): Promise<void> {
    const known = this.#enlisted.get(topic) ?? new Set();
    const missing = partitions.filter((partition) => !known.has(partition));
    if (missing.length === 0) return;
    const { producerId, epoch: producerEpoch } = this.#epoch as ProducerIdentity;
    const { transactionalId } = this;
    const answer = await this.connection.ask(addPartitionsToTxn, {
      ...{ transactionalId, producerId, producerEpoch },
      topics: [{ name: topic, partitions: missing }],
    });
    for (const { partitionErrorCode } of answer.resultsByTopic[0]?.resultsByPartition ?? [])
      await this.#check(partitionErrorCode, { topic });
    for (const partition of missing) known.add(partition);
    this.#enlisted.set(topic, known);
  }

  async commit({ producerId, epoch: producerEpoch }: TransactionRef, sent: SentOffsets | null): Promise<void> {
    const who = { transactionalId: this.transactionalId, producerId, producerEpoch };
    if (sent !== null)
      await this.#sendOffsets(who, sent).catch((error: unknown) => {
        throw nothingKept(error);
      });
    await this.#check((await this.#askToEnd(who)).errorCode);
    this.#enlisted.clear();
  }

  /**
   * Asked again where the server went away before its answer: if that was done it is answered the same, and if the server was killed
   * before, the transaction is open still, since its process lives.
   */
  async #askToEnd(who: Omit<NewRequest<typeof endTxn>, 'committed'>): Promise<ResponseOf<typeof endTxn>> {
    let loss: BrokerError | undefined;
    for (;;) {
      try {
        const answer = await this.connection.ask(endTxn, { ...who, committed: true });
        if (answer.errorCode !== INVALID_PRODUCER_ID_MAPPING || loss === undefined) return answer;
      } catch (error) {
        if (!isLoss(error)) throw error;
        loss = error;
        this.#connection = await this.#line.patiently();
        continue;
      }
      throw nothingKept(loss);
    }
  }

  async #sendOffsets(
    who: { readonly transactionalId: string; readonly producerId: number; readonly producerEpoch: number },
    { group, offsets }: SentOffsets,
  ): Promise<void> {
    const { group: groupId, memberId, instanceId = null, generation = -1 } = group;
    await this.#check((await this.connection.ask(addOffsetsToTxn, { ...who, groupId })).errorCode);
    const { topics } = await this.connection.ask(txnOffsetCommit, {
      ...who,
      ...{ groupId, memberId, groupInstanceId: instanceId, generationId: generation },
      topics: [...byTopic(offsets)].map(([name, placed]) => ({
        name,
        partitions: placed.map(({ partition: partitionIndex, offset: committedOffset }) => ({
          ...{ partitionIndex, committedOffset, committedMetadata: '' },
        })),
      })),
    });
    for (const { name: topic, partitions } of topics)
      for (const { partitionIndex: partition, errorCode } of partitions) {
        if (errorCode === ILLEGAL_GENERATION)
          throw new BrokerError('STALE_MEMBER_EPOCH', { group: groupId, topic, partition });
        await this.#check(errorCode, { topic, partition, group: groupId, member: memberId });
      }
  }

  async #check(code: number, known: Readonly<Record<string, string | number>> = {}): Promise<void> {
    if (code === 0) return;
    const { epoch = -1, producerId: producer = -1 } = this.#epoch ?? {};
    const details = { id: this.transactionalId, epoch, producer, current: epoch + 1, ...known };
    throw errorSaid(code, null, details);
  }

  async forget(): Promise<void> {
    await this.#connection?.leave();
    this.#line.close();
  }
}
