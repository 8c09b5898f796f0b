import { offsetDelete } from '../../protocol/messages/47-offset-delete.ts';
import { CODE } from '../codes.ts';
import { groupHandler } from '../group-handler.ts';

/** What a member reads stays. */
export const answerOffsetDelete = groupHandler(
  offsetDelete,
  ({ groupId, topics }, { broker }) => {
    const found = broker.store.read(() => topics.map(({ name }) => broker.catalogue.find(name)));
    const ids = topics.map(({ partitions }, i) =>
      partitions.map(({ partitionIndex }) => found[i]?.partitions[partitionIndex]?.id),
    );
    const read = broker.groups.deleteUnreadOffsets(
      groupId,
      ids.flat().filter((id) => id !== undefined),
    );
    const codeOf = (id: number | undefined) => {
      if (id === undefined) return CODE.UNKNOWN_TOPIC_OR_PARTITION;
      return read.has(id) ? CODE.GROUP_SUBSCRIBED_TO_TOPIC : CODE.NONE;
    };
    const answers = topics.map(({ name, partitions }, i) => ({
      name,
      partitions: partitions.map(({ partitionIndex }, j) => ({ partitionIndex, errorCode: codeOf(ids[i]?.[j]) })),
    }));
    return { errorCode: CODE.NONE, topics: answers };
  },
  (_, errorCode) => ({ errorCode, topics: [] }),
);
