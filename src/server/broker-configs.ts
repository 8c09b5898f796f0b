import type { ConfigRow } from '../topic/config-table.ts';
import type { ShownConfig } from './config-entry.ts';
import { CONFIG_SOURCE } from './config-source.ts';
import type { ServerSettings } from './handler.ts';

interface BrokerConfigRow {
  readonly name: string;
  readonly type: ConfigRow['type'];
  /** Kafka's own. */
  readonly default: string;
  readonly doc: string;
  /** What it is here. */
  readonly value: (node: number, settings: ServerSettings, nodes: number) => string;
}

const row = (
  name: string,
  type: ConfigRow['type'],
  byDefault: string,
  doc: string,
  value: BrokerConfigRow['value'] = () => byDefault,
): BrokerConfigRow => ({ name, type, default: byDefault, doc, value });

/** Those settings of a Kafka broker that mean something here, in the order of their names. None can be changed while it runs. */
const BROKER_CONFIGS: readonly BrokerConfigRow[] = [
  row(
    'auto.create.topics.enable',
    'boolean',
    'true',
    'Whether a topic that a client asks for is made.',
    (_, settings) => String(settings.autoCreateTopics),
  ),
  row('broker.id', 'int', '-1', 'The id of this node.', (node) => String(node)),
  row(
    'default.replication.factor',
    'int',
    '1',
    'How many nodes have a partition where nothing is said.',
    (_, __, nodes) => String(nodes),
  ),
  row('delete.topic.enable', 'boolean', 'true', 'Whether topics can be deleted.'),
  row('fetch.max.bytes', 'int', '57671680', 'The most bytes that one fetch is answered with.'),
  row('group.initial.rebalance.delay.ms', 'int', '3000', 'How long a new group waits for more members.', () => '0'),
  row('log.cleanup.policy', 'list', 'delete', 'The cleanup.policy of topics that do not say another.'),
  row('log.retention.bytes', 'long', '-1', 'The retention.bytes of topics that do not say another.'),
  row('log.retention.ms', 'long', '604800000', 'The retention.ms of topics that do not say another.'),
  row('message.max.bytes', 'int', '1048588', 'The max.message.bytes of topics that do not say another.'),
  row('min.insync.replicas', 'int', '1', 'How many nodes must have a record before acks=all is answered.'),
  row('node.id', 'int', '-1', 'The id of this node.', (node) => String(node)),
  row('num.partitions', 'int', '1', 'How many partitions a topic has where nothing is said.', (_, settings) =>
    String(settings.numPartitions),
  ),
  row('socket.request.max.bytes', 'int', '104857600', 'The most bytes that one request may have.'),
];

/** As DescribeConfigs shows them of one node. */
export function brokerConfigs(node: number, settings: ServerSettings, nodes: number): ShownConfig[] {
  return BROKER_CONFIGS.map(({ name, type, default: byDefault, doc, value }) => {
    const own = value(node, settings, nodes);
    const overridden = own !== byDefault;
    return { name, type, doc, default: byDefault, value: own, source: CONFIG_SOURCE.static, overridden };
  });
}
