import type { ActiveProducer } from '../../broker/transaction-coordinator.ts';
import { describeProducers } from '../../protocol/messages/61-describe-producers.ts';
import { CODE } from '../codes.ts';
import { handler, type RequestContext } from '../handler.ts';

/** Every marker here was written by the coordinator of this epoch: it never moves. */
const COORDINATOR_EPOCH = 0;

export const answerDescribeProducers = handler(
  describeProducers,
  ({ topics }, context) => ({
    topics: context.broker.store.read(() =>
      topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partition) => describe(name, partition, context)),
      })),
    ),
  }),
  ({ topics }, code, message) => ({
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partition) => failed(partition, code, message)),
    })),
  }),
);

function describe(name: string, number: number, { broker, cluster, client }: RequestContext) {
  const topic = broker.catalogue.find(name);
  const partition = topic?.partitions[number];
  if (topic === undefined || partition === undefined)
    return failed(number, CODE.UNKNOWN_TOPIC_OR_PARTITION, `there is no ${name} ${number}`);
  if (!cluster.leads(client.arrival, topic, number)) return failed(number, CODE.NOT_LEADER_OR_FOLLOWER, '');
  const activeProducers = broker.transactions.producers(partition.id).map(producerState);
  return { partitionIndex: number, errorCode: CODE.NONE, activeProducers };
}

function producerState({ producerId, epoch, lastSequence, lastTimestamp, firstOffset }: ActiveProducer) {
  return {
    producerId,
    producerEpoch: epoch,
    lastSequence,
    lastTimestamp,
    coordinatorEpoch: COORDINATOR_EPOCH,
    currentTxnStartOffset: firstOffset ?? -1,
  };
}

function failed(partitionIndex: number, errorCode: number, message: string) {
  return { partitionIndex, errorCode, errorMessage: message || null, activeProducers: [] };
}
