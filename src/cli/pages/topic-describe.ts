import type { ConfigValue, PartitionSummary, TopicDescription, TransactionDescription } from '../../client/cluster.ts';
import type { Io } from '../io.ts';
import { type Column, table } from '../table.ts';
import { bytes, count, dateTime, groupDigits } from '../units.ts';
import { heldBackBy, heldBackLines } from './held-back.ts';
import { ALL_CONFIG_COLUMNS, CONFIG_COLUMNS, type ConfigDocument, configDocument, isChanged } from './topic-configs.ts';
import { type TopicDocument, topicDocument } from './topic-list.ts';

export interface PartitionDocument extends Omit<PartitionSummary, 'bytes'> {
  readonly size: number;
}

/** A topic with its partitions and the configs that are not what they would be by themselves. */
export interface TopicDescriptionDocument extends TopicDocument {
  readonly partitionList: readonly PartitionDocument[];
  readonly configs: readonly ConfigDocument[];
}

export interface DescribeOptions {
  /** Every config, with what it does, instead of those that were changed. */
  readonly allConfigs: boolean;
}

/** Those that may hold something back; needed of topics of which something is. */
export type Holders = readonly TransactionDescription[];

export function descriptionDocument(topic: TopicDescription, options: DescribeOptions): TopicDescriptionDocument {
  const partitionList = topic.partitionList.map(({ bytes: size, ...rest }) => ({ ...rest, size }));
  return { ...topicDocument(topic), partitionList, configs: shownConfigs(topic, options).map(configDocument) };
}

/** The topics, an empty line between two of them. */
export async function describePage(
  topics: readonly TopicDescription[],
  options: DescribeOptions & { readonly holders: Holders },
  io: Io,
): Promise<string> {
  const pages: string[] = [];
  for (const topic of topics) pages.push(await topicPage(topic, options, io));
  return pages.join('\n');
}

/** Whether an open transaction holds anything of it back. */
export function isHeldBack({ partitionList }: TopicDescription): boolean {
  return partitionList.some(({ lastStable, end }) => lastStable < end);
}

async function topicPage(
  topic: TopicDescription,
  options: DescribeOptions & { readonly holders: Holders },
  io: Io,
): Promise<string> {
  const to = { writer: io.stdout, env: io.env };
  const configs = shownConfigs(topic, options);
  const parts = [`${headline(topic)}\n`, await table(topic.partitionList, PARTITION_COLUMNS, to)];
  const held = heldLines(topic, options.holders, io.now());
  if (held.length > 0) parts.push(`${held.join('\n')}\n`);
  if (configs.length > 0)
    parts.push(await table(configs, options.allConfigs ? ALL_CONFIG_COLUMNS : CONFIG_COLUMNS, to));
  return parts.join('\n');
}

function heldLines({ name: topic, partitionList }: TopicDescription, holders: Holders, now: number): string[] {
  const held = partitionList
    .map(({ partition, lastStable, end }) => ({ topic, partition, lastStable, heldBack: end - lastStable }))
    .filter(({ heldBack }) => heldBack > 0);
  return held.length === 0 ? [] : heldBackLines(heldBackBy(held, holders), now);
}

/** `orders: 3 partitions, 2 records, 164 B` */
function headline({ name, partitions, records, bytes: size }: TopicDescription): string {
  return `${name}: ${count(partitions, 'partition')}, ${count(records, 'record')}, ${bytes(size)}`;
}

function shownConfigs(topic: TopicDescription, { allConfigs }: DescribeOptions): readonly ConfigValue[] {
  return allConfigs ? topic.configs : topic.configs.filter(isChanged);
}

/** A narrow terminal loses OLDEST first, then NEWEST, SIZE. */
const PARTITION_COLUMNS: readonly Column<PartitionSummary>[] = [
  { title: 'PARTITION', align: 'right', value: ({ partition }) => String(partition) },
  { title: 'START', align: 'right', value: ({ start }) => groupDigits(start) },
  { title: 'END', align: 'right', value: ({ end }) => groupDigits(end) },
  { title: 'RECORDS', align: 'right', value: ({ records }) => groupDigits(records) },
  { title: 'SIZE', align: 'right', drop: 3, value: (partition) => bytes(partition.bytes) },
  { title: 'OLDEST', drop: 1, value: ({ oldest }) => dateTime(oldest) },
  { title: 'NEWEST', drop: 2, value: ({ newest }) => dateTime(newest) },
];
