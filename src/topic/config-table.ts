import { MAX_MESSAGE_BYTES } from '../settings.ts';

/**
 * Every topic config of Kafka 4.3, a row each; names, types, defaults and bounds are those of org.apache.kafka.storage.
 * internals.log.LogConfig. Validation, DescribeConfigs, `topic describe` and help come from this table.
 *
 * A config that is not `effective` is accepted, checked, kept and shown, because scripts written for Kafka set it, but beck
 * has nothing that it could steer; its sentence says so.
 */
export interface ConfigRow {
  readonly name: string;
  readonly type: 'boolean' | 'double' | 'int' | 'list' | 'long' | 'string';
  /** As Kafka prints it. */
  readonly default: string;
  /** One sentence. */
  readonly doc: string;
  readonly effective: boolean;
  /** What the number counts; durations and sizes may then be written with their unit (`7d`, `1GB`). */
  readonly unit?: 'ms' | 'bytes';
  /** Bounds of a number, inclusive; the type's own where absent. Strings, since `long` is wider than a JavaScript number. */
  readonly min?: string;
  readonly max?: string;
  /** A number that is allowed beside the bounds. */
  readonly also?: string;
  /** What negative values mean, for the sentence that refuses others. */
  readonly special?: string;
  /** The words that are allowed, of a string or of a list's items. */
  readonly words?: readonly string[];
  /** What the items of a list look like, where `words` can't say it. */
  readonly item?: { readonly pattern: RegExp; readonly wants: string };
}

const FOREVER = '9223372036854775807';
const NO_SEGMENTS = 'No effect here, where a log has no segments:';
const NO_REPLICAS = 'No effect here, where a partition has no replicas:';
const NO_TIERS = 'No effect here, where there is no tiered storage:';
const THROTTLED = { pattern: /^\d+:\d+$/, wants: '* or partition:broker pairs such as 0:1,1:1' } as const;

const ms = (name: string, row: Partial<ConfigRow> & Pick<ConfigRow, 'default' | 'doc'>): ConfigRow => ({
  name,
  type: 'long',
  unit: 'ms',
  min: '0',
  effective: false,
  ...row,
});
const bytes = (name: string, row: Partial<ConfigRow> & Pick<ConfigRow, 'default' | 'doc'>): ConfigRow => ({
  name,
  type: 'int',
  unit: 'bytes',
  min: '0',
  effective: false,
  ...row,
});
const int = (name: string, row: Partial<ConfigRow> & Pick<ConfigRow, 'default' | 'doc'>): ConfigRow => ({
  name,
  type: 'int',
  effective: false,
  ...row,
});
const flag = (name: string, doc: string): ConfigRow => ({
  name,
  type: 'boolean',
  default: 'false',
  effective: false,
  doc,
});

/** In the order of their names. */
export const TOPIC_CONFIGS: readonly ConfigRow[] = [
  {
    name: 'cleanup.policy',
    type: 'list',
    default: 'delete',
    words: ['delete', 'compact'],
    effective: true,
    doc: 'What happens to old records: delete drops them by time and size, compact keeps the latest of each key, both do both, an empty list keeps all.',
  },
  int('compression.gzip.level', {
    default: '-1',
    min: '1',
    max: '9',
    also: '-1',
    doc: 'The level of gzip where compression.type is gzip; no effect here, where a codec has one level.',
  }),
  int('compression.lz4.level', {
    default: '9',
    min: '1',
    max: '17',
    doc: 'The level of lz4 where compression.type is lz4; no effect here, where a codec has one level.',
  }),
  {
    name: 'compression.type',
    type: 'string',
    default: 'producer',
    words: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'],
    effective: true,
    doc: 'The codec in which batches are kept; producer keeps each as it was sent.',
  },
  int('compression.zstd.level', {
    default: '3',
    min: '-131072',
    max: '22',
    doc: 'The level of zstd where compression.type is zstd; no effect here, where a codec has one level.',
  }),
  ms('delete.retention.ms', {
    default: '86400000',
    effective: true,
    doc: 'How long compaction keeps a tombstone, so that readers can learn of the deletion.',
  }),
  ms('file.delete.delay.ms', {
    default: '60000',
    doc: `${NO_SEGMENTS} how long a deleted segment file stays on the disk.`,
  }),
  {
    name: 'flush.messages',
    type: 'long',
    default: FOREVER,
    min: '1',
    effective: false,
    doc: 'No effect here, where acks=all means synced: how many records may be written before a sync.',
  },
  ms('flush.ms', {
    default: FOREVER,
    doc: 'No effect here, where acks=all means synced: how long a record may lie before a sync.',
  }),
  {
    name: 'follower.replication.throttled.replicas',
    type: 'list',
    default: '',
    item: THROTTLED,
    effective: false,
    doc: `${NO_REPLICAS} whose replication is throttled on the follower.`,
  },
  bytes('index.interval.bytes', {
    default: '4096',
    doc: `${NO_SEGMENTS} how many bytes lie between two entries of a segment's index.`,
  }),
  {
    name: 'leader.replication.throttled.replicas',
    type: 'list',
    default: '',
    item: THROTTLED,
    effective: false,
    doc: `${NO_REPLICAS} whose replication is throttled on the leader.`,
  },
  bytes('local.retention.bytes', {
    type: 'long',
    default: '-2',
    min: '-2',
    special: '-2 for what retention.bytes says, -1 for no limit',
    doc: `${NO_TIERS} how many bytes of a partition stay local.`,
  }),
  ms('local.retention.ms', {
    default: '-2',
    min: '-2',
    special: '-2 for what retention.ms says, -1 for ever',
    doc: `${NO_TIERS} how long records stay local.`,
  }),
  ms('max.compaction.lag.ms', {
    default: FOREVER,
    min: '1',
    effective: true,
    doc: 'After this time a record is compacted whatever the dirty ratio is.',
  }),
  bytes('max.message.bytes', {
    default: '1048588',
    max: String(MAX_MESSAGE_BYTES),
    effective: true,
    doc: 'The largest batch a producer may send, in bytes after compression.',
  }),
  ms('message.timestamp.after.max.ms', {
    default: '3600000',
    effective: true,
    doc: "How far ahead of the clock a record's own timestamp may be.",
  }),
  ms('message.timestamp.before.max.ms', {
    default: FOREVER,
    effective: true,
    doc: "How far behind the clock a record's own timestamp may be.",
  }),
  {
    name: 'message.timestamp.type',
    type: 'string',
    default: 'CreateTime',
    words: ['CreateTime', 'LogAppendTime'],
    effective: true,
    doc: "Whether a record's timestamp is the producer's (CreateTime) or the moment it was stored (LogAppendTime).",
  },
  {
    name: 'min.cleanable.dirty.ratio',
    type: 'double',
    default: '0.5',
    min: '0',
    max: '1',
    effective: true,
    doc: 'The share of a log that must be uncompacted before housekeeping compacts it; `retention run` compacts at any.',
  },
  ms('min.compaction.lag.ms', { default: '0', effective: true, doc: 'How long a record is safe from compaction.' }),
  int('min.insync.replicas', {
    default: '1',
    min: '1',
    doc: `${NO_REPLICAS} how many of them must have a record before acks=all is answered.`,
  }),
  flag('preallocate', `${NO_SEGMENTS} whether their files are given their size when they are made.`),
  flag('remote.log.copy.disable', `${NO_TIERS} whether nothing more is copied to it.`),
  flag('remote.log.delete.on.disable', `${NO_TIERS} whether its data goes when it is switched off.`),
  flag('remote.storage.enable', `${NO_TIERS} whether the topic uses it.`),
  bytes('retention.bytes', {
    type: 'long',
    default: '-1',
    min: '-9223372036854775808',
    special: '-1 for no limit',
    effective: true,
    doc: 'How many bytes of a partition are kept under the delete policy; -1 is no limit.',
  }),
  ms('retention.ms', {
    default: '604800000',
    min: '-1',
    special: '-1 for ever',
    effective: true,
    doc: 'How long a record is kept under the delete policy; -1 is for ever.',
  }),
  bytes('segment.bytes', { default: '1073741824', min: '1048576', doc: `${NO_SEGMENTS} how large one may grow.` }),
  bytes('segment.index.bytes', {
    default: '10485760',
    min: '4',
    doc: `${NO_SEGMENTS} how large the index of one may grow.`,
  }),
  ms('segment.jitter.ms', { default: '0', doc: `${NO_SEGMENTS} by how much their ends are spread.` }),
  ms('segment.ms', { default: '604800000', min: '1', doc: `${NO_SEGMENTS} after how long a new one begins.` }),
  flag('unclean.leader.election.enable', `${NO_REPLICAS} whether one that lags may lead.`),
];

const BY_NAME: ReadonlyMap<string, ConfigRow> = new Map(TOPIC_CONFIGS.map((row) => [row.name, row]));

/** The row of a config; undefined when Kafka has no topic config of this name. */
export function configRow(name: string): ConfigRow | undefined {
  return BY_NAME.get(name);
}
