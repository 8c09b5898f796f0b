/** One line on what happened to a topic, or is about to. */
import type { TopicSummary } from '../../client/cluster.ts';
import { configRow } from '../../topic/config-table.ts';
import { bytes, count } from '../units.ts';
import { keptOf, keptSentence } from './topic-kept.ts';

/** `orders created: 3 partitions, kept for 1 h` */
export function changedLine(topic: TopicSummary, what: 'created' | 'altered'): string {
  return `${topic.name} ${what}: ${count(topic.partitions, 'partition')}, ${keptSentence(keptOf(topic.configs))}`;
}

/** For the configs that are only kept; nothing when all do something. */
export function effectLine(names: readonly string[]): string | undefined {
  const idle = names.filter((name) => configRow(name)?.effective === false);
  return idle.length === 0 ? undefined : `${idle.join(', ')}: kept, but without effect here`;
}

/** `orders has 2 records (164 B). Delete it for good?` */
export function deleteQuestion(topics: readonly TopicSummary[]): string {
  const what = `${count(sum(topics, 'records'), 'record')} (${bytes(sum(topics, 'bytes'))})`;
  const [only] = topics;
  if (topics.length === 1 && only !== undefined) return `${only.name} has ${what}. Delete it for good?`;
  return `${topics.map(({ name }) => name).join(', ')} have ${what}. Delete all ${topics.length} for good?`;
}

/** `orders deleted: 2 records, 164 B` */
export function deletedLine(topic: TopicSummary): string {
  return `${topic.name} deleted: ${count(topic.records, 'record')}, ${bytes(topic.bytes)}`;
}

/** The last line of a dry run. */
export function dryRunLine(rows: readonly { readonly bytes: number }[]): string {
  return `would free ${bytes(rows.reduce((total, row) => total + row.bytes, 0))}; nothing was changed`;
}

function sum(topics: readonly TopicSummary[], of: 'records' | 'bytes'): number {
  return topics.reduce((total, topic) => total + topic[of], 0);
}
