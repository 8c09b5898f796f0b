import { NEVER, type Schema } from './api.ts';
import { array, bytes, int32, type Layout, string } from './schema.ts';

/**
 * What consumers of the classic group protocol tell each other inside JoinGroup's `metadata` and SyncGroup's `assignment`
 * (protocol type `consumer`): an int16 version, then the layout below. A newer version than the last is read as the last
 * (org.apache.kafka.clients.consumer.internals.ConsumerProtocol).
 */
const topicPartitions = {
  topic: string(),
  partitions: array(int32()),
};

export const subscription = data('ConsumerProtocolSubscription', {
  topics: array(string()),
  userData: bytes({ nullable: 0, default: null }),
  ownedPartitions: array(topicPartitions, { since: 1, default: [] }),
  generationId: int32({ since: 2, default: -1 }),
  rackId: string({ since: 3, nullable: 3, default: null }),
});

export const assignment = data('ConsumerProtocolAssignment', {
  assignedPartitions: array(topicPartitions),
  userData: bytes({ nullable: 0, default: null }),
});

function data<L extends Layout>(name: string, layout: L): Schema<L> {
  return { name, versions: [0, 3], flexible: NEVER, layout };
}
