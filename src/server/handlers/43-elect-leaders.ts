import { electLeaders } from '../../protocol/messages/43-elect-leaders.ts';
import { CODE } from '../codes.ts';
import { handler } from '../handler.ts';

/** Every partition has its leader already; asked about all of them Kafka names only those that got another one. */
export const answerElectLeaders = handler(
  electLeaders,
  ({ topicPartitions }, { broker }) => {
    const { store, catalogue } = broker;
    const replicaElectionResults = store.read(() =>
      (topicPartitions ?? []).map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map((partitionId) => {
          const exists = catalogue.find(topic)?.partitions[partitionId] !== undefined;
          return exists
            ? result(partitionId, CODE.ELECTION_NOT_NEEDED, 'the preferred replica leads already')
            : result(partitionId, CODE.UNKNOWN_TOPIC_OR_PARTITION, 'there is no such partition');
        }),
      })),
    );
    return { errorCode: CODE.NONE, replicaElectionResults };
  },
  (_, errorCode) => ({ errorCode, replicaElectionResults: [] }),
);

function result(partitionId: number, errorCode: number, errorMessage: string) {
  return { partitionId, errorCode, errorMessage };
}
