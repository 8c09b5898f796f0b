import type { TopicSummary } from '../../client/cluster.ts';
import type { Io } from '../io.ts';
import { type Column, table } from '../table.ts';
import { age, bytes, groupDigits } from '../units.ts';
import { keptOf, keptText } from './topic-kept.ts';

/** A topic under `--json`: sizes in bytes, times in ms since the epoch, `kept` in ms (null: time takes nothing). */
export interface TopicDocument {
  readonly topic: string;
  readonly id: string;
  readonly partitions: number;
  readonly records: number;
  readonly size: number;
  readonly oldest: number | null;
  readonly newest: number | null;
  readonly kept: number | null;
  readonly keptSize: number | null;
  readonly cleanupPolicy: readonly string[];
}

export function topicDocument(topic: TopicSummary): TopicDocument {
  const { name, id, partitions, records, bytes: size, oldest, newest } = topic;
  const kept = keptOf(topic.configs);
  return {
    topic: name,
    id,
    partitions,
    records,
    size,
    oldest,
    newest,
    kept: kept.ms,
    keptSize: kept.bytes,
    cleanupPolicy: kept.cleanupPolicy,
  };
}

/** A topic a line. A narrow terminal loses OLDEST first, then NEWEST, PARTITIONS, KEPT, SIZE. */
export function topicListPage(topics: readonly TopicSummary[], io: Io): Promise<string> {
  return table(topics, topicColumns(io.now()), { writer: io.stdout, env: io.env });
}

function topicColumns(now: number): readonly Column<TopicSummary>[] {
  return [
    { title: 'TOPIC', value: ({ name }) => name },
    { title: 'PARTITIONS', align: 'right', drop: 3, value: ({ partitions }) => groupDigits(partitions) },
    { title: 'RECORDS', align: 'right', value: ({ records }) => groupDigits(records) },
    { title: 'SIZE', align: 'right', drop: 5, value: (topic) => bytes(topic.bytes) },
    { title: 'OLDEST', align: 'right', drop: 1, value: ({ oldest }) => age(oldest, now) },
    { title: 'NEWEST', align: 'right', drop: 2, value: ({ newest }) => age(newest, now) },
    { title: 'KEPT', drop: 4, value: ({ configs }) => keptText(keptOf(configs)) },
  ];
}
