import { describe, expect, it, test } from 'vitest';
import { BrokerError } from '../../src/errors.ts';
import { MAX_MESSAGE_BYTES } from '../../src/settings.ts';
import { type ConfigRow, configRow, TOPIC_CONFIGS } from '../../src/topic/config-table.ts';
import { canonicalValue } from '../../src/topic/config-value.ts';
import { alterOverrides, describeConfigs, parseConfigs, readConfig } from '../../src/topic/configs.ts';

const row = (name: string): ConfigRow => configRow(name) as ConfigRow;

function refusal(act: () => unknown): BrokerError {
  try {
    act();
  } catch (error) {
    if (error instanceof BrokerError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Name, default, a few values at the edge that Kafka 4.3's LogConfig takes, and their neighbours that it refuses. */
const KAFKA: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  ['cleanup.policy', 'delete', ['delete', 'compact', 'compact,delete', ''], ['Delete', 'both', 'compact,', ',delete']],
  ['compression.gzip.level', '-1', ['-1', '1', '9'], ['-2', '0', '10']],
  ['compression.lz4.level', '9', ['1', '17'], ['0', '18', '-1']],
  ['compression.type', 'producer', ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'], ['none', 'ZSTD', '']],
  ['compression.zstd.level', '3', ['-131072', '22'], ['-131073', '23']],
  ['delete.retention.ms', '86400000', ['0', '9223372036854775807'], ['-1', '9223372036854775808']],
  ['file.delete.delay.ms', '60000', ['0'], ['-1']],
  ['flush.messages', '9223372036854775807', ['1'], ['0', '1ms']],
  ['flush.ms', '9223372036854775807', ['0'], ['-1']],
  ['follower.replication.throttled.replicas', '', ['', '*', '0:1,1:1'], ['none', '*,*', '0:1,*']],
  ['index.interval.bytes', '4096', ['0', '2147483647'], ['-1', '2147483648']],
  ['leader.replication.throttled.replicas', '', ['', '*', '100:10,12:10'], ['100', '100:']],
  ['local.retention.bytes', '-2', ['-2', '-1', '0'], ['-3']],
  ['local.retention.ms', '-2', ['-2', '-1', '0'], ['-3']],
  ['max.compaction.lag.ms', '9223372036854775807', ['1'], ['0']],
  ['max.message.bytes', '1048588', ['0', String(MAX_MESSAGE_BYTES)], ['-1', String(MAX_MESSAGE_BYTES + 1)]],
  ['message.timestamp.after.max.ms', '3600000', ['0'], ['-1']],
  ['message.timestamp.before.max.ms', '9223372036854775807', ['0'], ['-1']],
  ['message.timestamp.type', 'CreateTime', ['CreateTime', 'LogAppendTime'], ['createtime', '']],
  ['min.cleanable.dirty.ratio', '0.5', ['0', '1', '0.25'], ['-0.1', '1.1', 'NaN', '']],
  ['min.compaction.lag.ms', '0', ['0'], ['-1']],
  ['min.insync.replicas', '1', ['1', '3'], ['0']],
  ['preallocate', 'false', ['true', 'false'], ['yes', '1', '']],
  ['remote.log.copy.disable', 'false', ['true'], ['remove']],
  ['remote.log.delete.on.disable', 'false', ['true'], ['0']],
  ['remote.storage.enable', 'false', ['true'], ['not a boolean']],
  ['retention.bytes', '-1', ['-9223372036854775808', '-1', '0'], ['-9223372036854775809', '1.5', '']],
  ['retention.ms', '604800000', ['-1', '0', '9223372036854775807'], ['-2', '1e3', '5L', '']],
  ['segment.bytes', '1073741824', ['1048576'], ['1048575']],
  ['segment.index.bytes', '10485760', ['4'], ['3']],
  ['segment.jitter.ms', '0', ['0'], ['-1']],
  ['segment.ms', '604800000', ['1'], ['0']],
  ['unclean.leader.election.enable', 'false', ['true'], ['maybe']],
];

test('the table has every topic config of Kafka 4.3, in the order of their names, and no other', () => {
  expect(TOPIC_CONFIGS.map(({ name }) => name)).toEqual(KAFKA.map(([name]) => name));
});

describe.each(KAFKA)('%s', (name, byDefault, taken, refused) => {
  it(`is ${byDefault || 'empty'} by default, which it takes`, () => {
    expect(row(name).default).toBe(byDefault);
    expect(canonicalValue(row(name), byDefault)).toBe(byDefault);
  });
  it.each(taken)('takes %j', (value) => expect(canonicalValue(row(name), value)).toBe(value));
  it.each(refused)('refuses %j with INVALID_CONFIG, naming itself and the value', (value) => {
    const error = refusal(() => canonicalValue(row(name), value));
    expect(error.code).toBe('INVALID_CONFIG');
    expect(error.message).toMatch(`${name} wants `);
    expect(error.message).toContain(`not '${value}'`);
  });
  it('says in one sentence what it does, and whether that is nothing here', () => {
    expect(row(name).doc).toMatch(/^[A-Z][^\n]+\.$/);
    expect(row(name).doc.toLowerCase().includes('no effect here')).toBe(!row(name).effective);
  });
});

it.each([
  ['retention.ms', '7d', '604800000'],
  ['retention.ms', '1d12h', '129600000'],
  ['retention.ms', '1.5h', '5400000'],
  ['retention.ms', '250ms', '250'],
  ['retention.ms', ' +007 ', '7'],
  ['retention.bytes', '1GB', '1000000000'],
  ['retention.bytes', '1GiB', '1073741824'],
  ['retention.bytes', '10k', '10240'],
  ['retention.bytes', '1.1kB', '1100'],
  ['max.message.bytes', '64MiB', '67108864'],
  ['preallocate', ' TRUE ', 'true'],
  ['min.cleanable.dirty.ratio', '1e-1', '0.1'],
  ['min.cleanable.dirty.ratio', '.5', '0.5'],
  ['cleanup.policy', 'compact, delete', 'compact,delete'],
  ['cleanup.policy', 'compact,compact', 'compact'],
  ['compression.type', ' zstd', 'zstd'],
])('%s=%s is kept as %s', (name, given, kept) => {
  expect(parseConfigs({ [name]: given })).toEqual(new Map([[name, kept]]));
});

it.each([
  [
    'retention.ms',
    'soon',
    "retention.ms wants a whole number of milliseconds, -1 for ever, or a duration such as 7d; not 'soon'",
  ],
  [
    'retention.ms',
    '7 days',
    "retention.ms wants a whole number of milliseconds, -1 for ever, or a duration such as 7d; not '7 days'",
  ],
  ['segment.ms', '0', "segment.ms wants a whole number of milliseconds from 1 on, or a duration such as 7d; not '0'"],
  [
    'max.message.bytes',
    '65MiB',
    "max.message.bytes wants a whole number of bytes from 0 to 67 108 864, or a size such as 1MB; not '65MiB'",
  ],
  [
    'retention.bytes',
    '1d',
    "retention.bytes wants a whole number of bytes, -1 for no limit, or a size such as 1MB; not '1d'",
  ],
  ['compression.gzip.level', '0', "compression.gzip.level wants a whole number from 1 to 9 or -1; not '0'"],
  [
    'compression.type',
    'none',
    "compression.type wants one of uncompressed, zstd, lz4, snappy, gzip, producer; not 'none'",
  ],
  ['cleanup.policy', 'keep', "cleanup.policy wants a list of delete, compact; not 'keep'"],
  ['preallocate', 'yes', "preallocate wants true or false; not 'yes'"],
  ['min.cleanable.dirty.ratio', '2', "min.cleanable.dirty.ratio wants a number from 0 to 1; not '2'"],
  [
    'leader.replication.throttled.replicas',
    'all',
    "leader.replication.throttled.replicas wants * or partition:broker pairs such as 0:1,1:1; not 'all'",
  ],
])('%s=%s is refused in words that help', (name, value, sentence) => {
  expect(refusal(() => parseConfigs({ [name]: value })).message).toBe(sentence);
});

it.each([
  ['retention.mss', "did you mean 'retention.ms'?"],
  ['retention_ms', "did you mean 'retention.ms'?"],
  ['log.retention.ms', "did you mean 'retention.ms'?"],
  ['Cleanup.Policy', "did you mean 'cleanup.policy'?"],
  ['colour', '`beck topic create --help` lists them all'],
  ['__proto__', '`beck topic create --help` lists them all'],
])('there is no config %s', (name, hint) => {
  const error = refusal(() => parseConfigs(JSON.parse(`{"${name}":"1"}`)));
  expect(error).toMatchObject({ code: 'INVALID_CONFIG', message: `there is no topic config '${name}'`, hint });
});

describe('values that contradict each other', () => {
  it.each([
    [
      { 'min.compaction.lag.ms': '2', 'max.compaction.lag.ms': '1' },
      'min.compaction.lag.ms is over max.compaction.lag.ms',
    ],
    [
      { 'remote.storage.enable': 'true', 'cleanup.policy': 'compact,delete' },
      'remote.storage.enable does not go with cleanup.policy=compact',
    ],
    [{ 'remote.storage.enable': 'true', 'local.retention.ms': '8d' }, 'local.retention.ms is over retention.ms'],
    [{ 'remote.storage.enable': 'true', 'local.retention.ms': '-1' }, 'local.retention.ms is over retention.ms'],
    [
      { 'remote.storage.enable': 'true', 'retention.bytes': '5', 'local.retention.bytes': '6' },
      'local.retention.bytes is over retention.bytes',
    ],
  ])('%j is refused', (configs, problem) => {
    expect(refusal(() => parseConfigs(configs)).message).toBe(problem);
  });
  it.each([
    [{ 'min.compaction.lag.ms': '1', 'max.compaction.lag.ms': '1' }],
    [{ 'remote.storage.enable': 'true', 'local.retention.ms': '7d' }],
    [
      {
        'remote.storage.enable': 'true',
        'retention.ms': '-1',
        'local.retention.ms': '-1',
        'local.retention.bytes': '9',
      },
    ],
    [{ 'local.retention.ms': '8d' }],
  ])('%j is taken', (configs) => {
    expect([...parseConfigs(configs).keys()]).toEqual(Object.keys(configs));
  });
  it('are found between what is there and what is set', () => {
    const overrides = parseConfigs({ 'max.compaction.lag.ms': '10' });
    expect(refusal(() => alterOverrides(overrides, { 'min.compaction.lag.ms': '11' }, [])).code).toBe('INVALID_CONFIG');
    expect(alterOverrides(overrides, { 'min.compaction.lag.ms': '11' }, ['max.compaction.lag.ms'])).toEqual(
      new Map([['min.compaction.lag.ms', '11']]),
    );
  });
});

describe('altering', () => {
  const overrides = parseConfigs({ 'retention.ms': '1h', 'segment.ms': '1d' });
  it('leaves the others as they are, and what it was given too', () => {
    expect(alterOverrides(overrides, { 'retention.ms': '2h' }, ['segment.ms', 'flush.ms'])).toEqual(
      new Map([['retention.ms', '7200000']]),
    );
    expect(overrides.get('segment.ms')).toBe('86400000');
  });
  it('refuses to set and unset one at once, and to unset what there is not', () => {
    expect(refusal(() => alterOverrides(overrides, { 'retention.ms': '1' }, ['retention.ms'])).message).toBe(
      'retention.ms cannot be set and unset at once',
    );
    expect(refusal(() => alterOverrides(overrides, {}, ['retention.m'])).hint).toBe("did you mean 'retention.ms'?");
  });
});

test('without overrides the log reads the defaults, and Long.MAX_VALUE as the largest whole number', () => {
  expect(readConfig(new Map())).toEqual({
    cleanupPolicy: ['delete'],
    compressionType: 'producer',
    maxMessageBytes: 1048588,
    messageTimestampType: 'CreateTime',
    messageTimestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
    messageTimestampAfterMaxMs: 3600000,
    retentionMs: 604800000,
    retentionBytes: -1,
    minCompactionLagMs: 0,
    maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
    minCleanableDirtyRatio: 0.5,
    deleteRetentionMs: 86400000,
  });
});

test('overrides reach the log as numbers, lists and words', () => {
  const config = readConfig(
    parseConfigs({
      'cleanup.policy': 'compact, delete',
      'compression.type': 'zstd',
      'retention.ms': '-1',
      'retention.bytes': '-7',
      'max.message.bytes': '1MB',
      'message.timestamp.type': 'LogAppendTime',
      'min.cleanable.dirty.ratio': '0.01',
      'max.compaction.lag.ms': '1w',
      'delete.retention.ms': '0',
    }),
  );
  expect(config).toMatchObject({
    cleanupPolicy: ['compact', 'delete'],
    compressionType: 'zstd',
    retentionMs: -1,
    retentionBytes: -1,
    maxMessageBytes: 1000000,
    messageTimestampType: 'LogAppendTime',
    minCleanableDirtyRatio: 0.01,
    maxCompactionLagMs: 604800000,
    deleteRetentionMs: 0,
  });
  expect(readConfig(parseConfigs({ 'cleanup.policy': '' })).cleanupPolicy).toEqual([]);
});

test('describing shows every config, and which ones the topic says itself', () => {
  const shown = describeConfigs(parseConfigs({ 'retention.ms': '1h', 'segment.ms': '604800000' }));
  expect(shown.map(({ name }) => name)).toEqual(TOPIC_CONFIGS.map(({ name }) => name));
  expect(shown.filter(({ overridden }) => overridden).map(({ name, value, default: by }) => [name, value, by])).toEqual(
    [
      ['retention.ms', '3600000', '604800000'],
      ['segment.ms', '604800000', '604800000'],
    ],
  );
  expect(shown.filter(({ overridden }) => !overridden).every(({ value, default: by }) => value === by)).toBe(true);
});
