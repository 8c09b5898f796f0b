import type { Broker } from '../../broker/broker.ts';
import { describePartitions } from '../../broker/describe.ts';
import { describeConfigs } from '../../topic/configs.ts';
import { topicIdText } from '../../topic/topic-id.ts';
import type { Topic, TopicSelector } from '../../topic/topics.ts';
import type { TopicDescription } from '../cluster.ts';

/** The selected topics, or all, as they are at one moment. Throws UNKNOWN_TOPIC_OR_PARTITION, USAGE (a bad pattern). */
export function describeTopics(broker: Broker, selector?: TopicSelector): TopicDescription[] {
  const { store, catalogue } = broker;
  return store.read(() => catalogue.select(selector).map((topic) => describeTopic(broker, topic)));
}

export function describeTopic({ store, rows }: Broker, topic: Topic): TopicDescription {
  const partitionList = store.read(() => describePartitions(rows, topic));
  const times = (of: 'oldest' | 'newest') => partitionList.flatMap((partition) => partition[of] ?? []);
  const oldest = times('oldest');
  const newest = times('newest');
  return {
    name: topic.name,
    id: topicIdText(topic.uuid),
    partitions: topic.partitions.length,
    records: partitionList.reduce((sum, { records }) => sum + records, 0),
    bytes: partitionList.reduce((sum, { bytes }) => sum + bytes, 0),
    oldest: oldest.length === 0 ? null : oldest.reduce((a, b) => Math.min(a, b)),
    newest: newest.length === 0 ? null : newest.reduce((a, b) => Math.max(a, b)),
    configs: describeConfigs(topic.overrides),
    partitionList,
  };
}
