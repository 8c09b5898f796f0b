import type { PartitionRow } from '../../log/rows.ts';
import type { RequestOf } from '../../protocol/api.ts';
import { describeLogDirs } from '../../protocol/messages/35-describe-log-dirs.ts';
import type { Topic } from '../../topic/topics.ts';
import { CODE } from '../codes.ts';
import { handler, type RequestContext } from '../handler.ts';

type Asked = NonNullable<RequestOf<typeof describeLogDirs>['topics']>[number];

/** The data directory is the one log directory there is. */
export const answerDescribeLogDirs = handler(
  describeLogDirs,
  ({ topics }, context) => {
    const { broker } = context;
    const { total: totalBytes, free: usableBytes } = broker.diskSpace();
    const found = broker.store.read(() =>
      topics === null ? allTopics(context) : topics.flatMap((asked) => find(asked, context)),
    );
    const dir = { errorCode: CODE.NONE, logDir: broker.dir, topics: found, totalBytes, usableBytes };
    return { errorCode: CODE.NONE, results: [dir] };
  },
  (_, errorCode) => ({ errorCode, results: [] }),
);

function allTopics(context: RequestContext) {
  return context.broker.catalogue.select().map((topic) => describe(topic, undefined, context));
}

/** What does not exist is left out, as Kafka does. */
function find({ topic: name, partitions }: Asked, context: RequestContext) {
  const topic = context.broker.catalogue.find(name);
  return topic === undefined ? [] : [describe(topic, partitions, context)];
}

/** On a node lies what it leads. */
function describe(topic: Topic, wanted: readonly number[] | undefined, { broker, cluster, client }: RequestContext) {
  const partitions = broker.rows
    .partitionsOf(topic.id)
    .filter(({ number }) => cluster.leads(client.arrival, topic, number) && (wanted?.includes(number) ?? true))
    .map(partitionSize);
  return { name: topic.name, partitions };
}

function partitionSize({ number, bytes }: PartitionRow) {
  return { partitionIndex: number, partitionSize: bytes, offsetLag: 0, isFutureKey: false };
}
