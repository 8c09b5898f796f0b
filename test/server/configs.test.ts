import { expect, it } from 'vitest';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { describeAcls } from '../../src/protocol/messages/29-describe-acls.ts';
import { createAcls } from '../../src/protocol/messages/30-create-acls.ts';
import { deleteAcls } from '../../src/protocol/messages/31-delete-acls.ts';
import { describeConfigs } from '../../src/protocol/messages/32-describe-configs.ts';
import { alterConfigs } from '../../src/protocol/messages/33-alter-configs.ts';
import { incrementalAlterConfigs } from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import { TestServer } from '../support/test-server.ts';

const TOPIC = { resourceType: 2, resourceName: 't' };

async function withTopic(): Promise<TestServer> {
  const server = await TestServer.start();
  await server.ask(metadata, 4, { topics: [{ name: 't' }] });
  return server;
}

/** The configs that the topic itself says. */
async function overrides(server: TestServer): Promise<Record<string, string | null>> {
  const { results } = await server.ask(describeConfigs, 4, { resources: [{ ...TOPIC, configurationKeys: null }] });
  const own = results[0]?.configs.filter(({ configSource }) => configSource === 1) ?? [];
  return Object.fromEntries(own.map(({ name, value }) => [name, value]));
}

it.each([0, 1, 2, 3, 4])(
  'DescribeConfigs %i: all keys for none, those that are asked for, in every shape',
  async (version) => {
    const server = await withTopic();
    const ask = (configurationKeys: string[] | null) =>
      server.ask(describeConfigs, version, {
        resources: [{ ...TOPIC, configurationKeys }],
        includeSynonyms: true,
        includeDocumentation: true,
      });
    const [all, empty, one] = [await ask(null), await ask([]), await ask(['retention.ms', 'no.such'])];
    expect(all.results[0]?.configs.length).toBeGreaterThan(25);
    expect(empty).toEqual(all);
    expect(all.results[0]).toMatchObject({ errorCode: 0, errorMessage: '' });
    const config = { name: 'retention.ms', value: '604800000', readOnly: false, isSensitive: false };
    expect(one.results[0]?.configs).toMatchObject([config]);
    const [entry] = one.results[0]?.configs ?? [];
    if (version === 0) expect(entry?.isDefault).toBe(true);
    if (version >= 1) expect(entry).toMatchObject({ configSource: 5, synonyms: [{ name: 'retention.ms', source: 5 }] });
    if (version >= 3) expect(entry).toMatchObject({ configType: 5, documentation: expect.stringContaining('kept') });
  },
);

it('DescribeConfigs of a node tells its settings; of what does not exist, an error in its place', async () => {
  const server = await TestServer.start({ settings: { autoCreateTopics: false, numPartitions: 3 } });
  const asked: [number, string, number][] = [
    [4, '1', 0],
    [4, '', 0],
    [4, '2', 42],
    [2, 'never', 3],
    [2, 'no/name', 17],
    [8, '1', 0],
    [16, '', 42],
    [32, 'g', 0],
    [99, 'x', 42],
  ];
  const { results } = await server.ask(describeConfigs, 2, {
    resources: asked.map(([resourceType, resourceName]) => ({ resourceType, resourceName, configurationKeys: null })),
  });
  expect(results.map((each) => [each.resourceType, each.resourceName, each.errorCode])).toEqual(asked);
  const settings = Object.fromEntries(results[0]?.configs.map(({ name, value }) => [name, value]) ?? []);
  expect(settings).toMatchObject({ 'auto.create.topics.enable': 'false', 'num.partitions': '3', 'broker.id': '1' });
  expect(results[0]?.configs.find(({ name }) => name === 'num.partitions')).toMatchObject({
    configSource: 4,
    readOnly: true,
  });
});

it.each([0, 1])('IncrementalAlterConfigs %i: sets, deletes, appends to lists and takes from them', async (version) => {
  const server = await withTopic();
  const alter = async (...configs: [string, number, string | null][]) => {
    const steps = configs.map(([name, configOperation, value]) => ({ name, configOperation, value }));
    const resources = [{ ...TOPIC, configs: steps }];
    const { responses } = await server.ask(incrementalAlterConfigs, version, { resources, validateOnly: false });
    return responses[0]?.errorCode;
  };
  expect(await alter(['retention.ms', 0, '1000'], ['cleanup.policy', 2, 'compact'])).toBe(0);
  expect(await overrides(server)).toEqual({ 'retention.ms': '1000', 'cleanup.policy': 'delete,compact' });
  expect(await alter(['retention.ms', 1, null], ['cleanup.policy', 3, 'delete'])).toBe(0);
  expect(await overrides(server)).toEqual({ 'cleanup.policy': 'compact' });
  expect(await alter(['retention.ms', 2, '5'])).toBe(40);
  expect(await alter(['no.such', 0, '5'])).toBe(40);
  expect(await alter(['retention.ms', 0, null])).toBe(42);
  expect(await alter(['retention.ms', 9, '5'])).toBe(42);
  expect(await alter(['retention.ms', 0, '5'], ['retention.ms', 0, '6'])).toBe(42);
  expect(await overrides(server)).toEqual({ 'cleanup.policy': 'compact' });
});

it.each([0, 1])('AlterConfigs %i: what is not named goes back to its default', async (version) => {
  const server = await withTopic();
  const alter = (configs: { name: string; value: string | null }[], more = {}) =>
    server.ask(alterConfigs, version, { resources: [{ ...TOPIC, configs, ...more }], validateOnly: false });
  await alter([
    { name: 'retention.ms', value: '1000' },
    { name: 'max.message.bytes', value: '2000' },
  ]);
  expect(await overrides(server)).toEqual({ 'retention.ms': '1000', 'max.message.bytes': '2000' });
  expect(await alter([{ name: 'retention.ms', value: '5000' }])).toMatchObject({ responses: [{ errorCode: 0 }] });
  expect(await overrides(server)).toEqual({ 'retention.ms': '5000' });
  expect(await alter([{ name: 'retention.ms', value: null }])).toMatchObject({ responses: [{ errorCode: 42 }] });
  expect(await alter([], { resourceName: 'never' })).toMatchObject({ responses: [{ errorCode: 3 }] });
  expect(await alter([], { resourceType: 4, resourceName: '1' })).toMatchObject({ responses: [{ errorCode: 42 }] });
  const rehearsed = { resources: [{ ...TOPIC, configs: [] }], validateOnly: true };
  expect(await server.ask(alterConfigs, version, rehearsed)).toMatchObject({ responses: [{ errorCode: 0 }] });
  expect(await overrides(server)).toEqual({ 'retention.ms': '5000' });
});

it.each([0, 1, 2, 3])('ACLs %i: there is no authorizer', async (version) => {
  const server = await TestServer.start();
  const entry = { principal: 'User:a', host: '*', operation: 2, permissionType: 3 };
  const filter = { resourceTypeFilter: 2, resourceNameFilter: null, principalFilter: null, hostFilter: null };
  const operations = { operation: 1, permissionType: 1 };
  expect(await server.ask(describeAcls, version, { ...filter, ...operations })).toMatchObject({ errorCode: 54 });
  const creations = [{ resourceType: 2, resourceName: 't', ...entry }];
  expect(await server.ask(createAcls, version, { creations })).toMatchObject({ results: [{ errorCode: 54 }] });
  const filters = [{ ...filter, ...operations }];
  expect(await server.ask(deleteAcls, version, { filters })).toMatchObject({ filterResults: [{ errorCode: 54 }] });
});
