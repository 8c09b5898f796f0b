import { describe, expect, it, test } from 'vitest';
import type { Io } from '../../../src/cli/io.ts';
import { statusDocument, statusPage } from '../../../src/cli/pages/status.ts';
import { configDocument, configText } from '../../../src/cli/pages/topic-configs.ts';
import { keptOf, keptSentence, keptText } from '../../../src/cli/pages/topic-kept.ts';
import { changedLine, deleteQuestion, dryRunLine, effectLine } from '../../../src/cli/pages/topic-lines.ts';
import type { ConfigValue, Status, TopicSummary } from '../../../src/client/cluster.ts';
import { describeConfigs, parseConfigs } from '../../../src/topic/configs.ts';

const configs = (set: Record<string, string> = {}): readonly ConfigValue[] => describeConfigs(parseConfigs(set));

const topic = (name: string, rest: Partial<TopicSummary> = {}): TopicSummary => ({
  name,
  id: 'x',
  partitions: 1,
  records: 0,
  bytes: 0,
  oldest: null,
  newest: null,
  configs: configs(),
  ...rest,
});

describe('how long records are kept', () => {
  it.each([
    [{}, '7 d', 'kept for 7 d'],
    [{ 'retention.ms': '1h' }, '1 h', 'kept for 1 h'],
    [{ 'retention.ms': '-1' }, 'for ever', 'kept for ever'],
    [{ 'retention.ms': '0' }, '0 ms', 'kept for 0 ms'],
    [{ 'retention.bytes': '1GB' }, '7 d, 1 GB', 'kept for 7 d and up to 1 GB a partition'],
    [{ 'retention.ms': '-1', 'retention.bytes': '1GB' }, '1 GB', 'kept up to 1 GB a partition'],
    [{ 'cleanup.policy': 'compact' }, 'latest per key', 'kept: latest per key'],
    [{ 'cleanup.policy': 'compact', 'retention.ms': '1h' }, 'latest per key', 'kept: latest per key'],
    [{ 'cleanup.policy': 'compact,delete' }, 'latest per key, 7 d', 'kept: latest per key, 7 d'],
    [{ 'cleanup.policy': '' }, 'for ever', 'kept for ever'],
  ])('%j is %s', (set, text, sentence) => {
    const kept = keptOf(configs(set));
    expect([keptText(kept), keptSentence(kept)]).toEqual([text, sentence]);
  });
});

describe('a config as a person reads it', () => {
  it.each([
    ['retention.ms', '3600000', '3600000 (1 h)'],
    ['retention.ms', '-1', '-1 (for ever)'],
    ['retention.bytes', '-1', '-1 (no limit)'],
    ['retention.bytes', '1000000000', '1000000000 (1 GB)'],
    ['local.retention.ms', '-2', '-2'],
    ['flush.messages', '9223372036854775807', '9223372036854775807 (no limit)'],
    ['cleanup.policy', 'compact', 'compact'],
    ['cleanup.policy', '', '(empty)'],
    ['min.cleanable.dirty.ratio', '0.5', '0.5'],
    ['confluent.tier.local.hotset.ms', '60000', '60000 (1 min)'],
  ])('%s=%s', (name, value, text) => expect(configText(name, value)).toBe(text));
});

test('a config as a document: exact numbers, and digits where a number could not be exact', () => {
  const of = (name: string, value: string) => configDocument({ name, value, default: value, doc: 'It does.' }).value;
  expect(of('retention.ms', '3600000')).toBe(3600000);
  expect(of('min.cleanable.dirty.ratio', '0.5')).toBe(0.5);
  expect(of('preallocate', 'true')).toBe(true);
  expect(of('cleanup.policy', 'compact')).toBe('compact');
  expect(of('flush.ms', '9223372036854775807')).toBe('9223372036854775807');
  expect(of('unknown.to.beck', '7')).toBe('7');
});

test('lines about topics', () => {
  expect(changedLine(topic('orders', { partitions: 3, configs: configs({ 'retention.ms': '1h' }) }), 'created')).toBe(
    'orders created: 3 partitions, kept for 1 h',
  );
  expect(changedLine(topic('orders'), 'altered')).toBe('orders altered: 1 partition, kept for 7 d');
  expect(effectLine(['retention.ms', 'segment.ms', 'flush.ms'])).toBe(
    'segment.ms, flush.ms: kept, but without effect here',
  );
  expect(effectLine(['retention.ms', 'unknown.to.beck'])).toBeUndefined();
  expect(deleteQuestion([topic('orders', { records: 2, bytes: 164 })])).toBe(
    'orders has 2 records (164 B). Delete it for good?',
  );
  expect(deleteQuestion([topic('a', { records: 1, bytes: 1000 }), topic('b', { records: 1203, bytes: 500 })])).toBe(
    'a, b have 1 204 records (1.5 kB). Delete all 2 for good?',
  );
  expect(dryRunLine([{ bytes: 1_000_000 }, { bytes: 300_000 }])).toBe('would free 1.3 MB; nothing was changed');
});

describe('the page of status', () => {
  const NOW = 1_795_254_012_031;
  const io = { env: { HOME: '/home/me' }, now: () => NOW } as unknown as Io;
  const status: Status = {
    path: '/home/me/.local/share/beck',
    exists: true,
    topics: 3,
    partitions: 7,
    records: 99417,
    bytes: 4_100_000,
    diskBytes: 4_400_000,
    freeBytes: 200_000,
    housekeeping: { last: NOW - 40_000, next: NOW + 20_000 },
  };

  it('answers where, how much, and what was tidied', () => {
    expect(statusPage(status, io)).toBe(
      '~/.local/share/beck: 3 topics, 7 partitions, 99 417 records, 4.4 MB on disk (200 kB to be given back)\n' +
        'housekeeping: 40 s ago, next in 20 s; `beck check` reads every byte once\n',
    );
  });
  it('says less where there is less to say', () => {
    const page = statusPage(
      { ...status, path: '/srv/log', freeBytes: 0, topics: 1, housekeeping: { last: null, next: NOW } },
      io,
    );
    expect(page).toBe(
      '/srv/log: 1 topic, 7 partitions, 99 417 records, 4.4 MB on disk\nhousekeeping: never yet, next with the next write; `beck check` reads every byte once\n',
    );
    expect(statusPage({ ...status, exists: false }, io)).toMatch(/^~\/\.local\/share\/beck: nothing there yet\n/);
  });
  it('is exact as a document', () => {
    expect(statusDocument(status)).toEqual({
      path: '/home/me/.local/share/beck',
      exists: true,
      topics: 3,
      partitions: 7,
      records: 99417,
      size: 4_100_000,
      diskSize: 4_400_000,
      freeSize: 200_000,
      housekeeping: { last: NOW - 40_000, next: NOW + 20_000 },
    });
  });
});
