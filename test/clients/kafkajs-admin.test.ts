/** kafkajs administers, as its documentation shows it: https://kafka.js.org/docs/admin */
import kafkajs, { type Admin } from 'kafkajs';
import { describe, expect } from 'vitest';
import { type Beck, it } from '../support/e2e.ts';
import { KafkaJs, values } from './kafkajs-client.ts';
import { onBeck, type Served, serve } from './stage.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ConfigResourceTypes, ResourcePatternTypes } = kafkajs;

async function administer(beck: Beck): Promise<{ served: Served; js: KafkaJs; admin: Admin }> {
  const served = await serve(beck);
  const js = new KafkaJs(served);
  return { served, js, admin: await js.admin() };
}

/** What it says of a failure. */
function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing failed',
    ({ type, errors = [{ type }] }) => errors.map((each: { type: string }) => each.type).join(),
  );
}

describe('kafkajs administers', () => {
  it('topics: made, listed, with more partitions, gone', async ({ beck }) => {
    const { served, admin } = await administer(beck);
    const topic = served.name('t');
    const configEntries = [{ name: 'retention.ms', value: '1000000' }];
    const wanted = { topic, numPartitions: 2, replicationFactor: 1, configEntries };
    expect(await admin.createTopics({ topics: [wanted], waitForLeaders: false, validateOnly: true })).toBe(true);
    expect(await admin.createTopics({ topics: [wanted], waitForLeaders: true })).toBe(true);
    expect(await admin.createTopics({ topics: [wanted] })).toBe(false);
    expect(await admin.listTopics()).toContain(topic);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] });
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const partitions = topics[0]?.partitions.sort((a, b) => a.partitionId - b.partitionId);
    expect(
      partitions?.map(({ partitionId, leader, replicas, isr }) => ({ partitionId, leader, replicas, isr })),
    ).toEqual([0, 1, 2, 3].map((partitionId) => ({ partitionId, leader: 1, replicas: [1], isr: [1] })));
    await admin.deleteTopics({ topics: [topic] });
    expect(await admin.listTopics()).not.toContain(topic);
  });

  it('topics, and is told why not', async ({ beck }) => {
    const { served, admin } = await administer(beck);
    const [topic, other] = [await served.topic('t', 2), served.name('u')];
    const create = (more: object) => failure(admin.createTopics({ topics: [{ topic: other, ...more }] }));
    expect(await create({ topic: 'a b' })).toBe('INVALID_TOPIC_EXCEPTION');
    expect(await create({ numPartitions: 0 })).toBe('INVALID_PARTITIONS');
    expect(await create({ replicationFactor: 2 })).toBe('INVALID_REPLICATION_FACTOR');
    expect(await create({ configEntries: [{ name: 'nope', value: '1' }] })).toBe('INVALID_CONFIG');
    expect(await create({ configEntries: [{ name: 'retention.ms', value: 'soon' }] })).toBe('INVALID_CONFIG');
    expect(await create({ replicaAssignment: [{ partition: 1, replicas: [1] }] })).toBe('INVALID_REPLICA_ASSIGNMENT');
    const count = (name: string, n: number) =>
      failure(admin.createPartitions({ topicPartitions: [{ topic: name, count: n }] }));
    expect(await count(topic, 1)).toBe('INVALID_PARTITIONS');
    expect(await count(other, 3)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    await expect(admin.deleteTopics({ topics: [other] })).rejects.toThrow('does not host this topic-partition');
    expect(await failure(admin.createTopics({ topics: [{ topic }, { topic: other }] }))).toBe('nothing failed');
    expect(await admin.listTopics()).toContain(other);
  });

  it('one name again and again, without a retry', async ({ beck }) => {
    const { served, js, admin } = await administer(beck);
    const [topic, producer] = [served.name('t'), await js.producer({ retry: { retries: onBeck ? 0 : 5 } })];
    for (let i = 0; i < 20; i++) {
      await admin.createTopics({ topics: [{ topic }] });
      const [sent] = await producer.send({ topic, messages: values(`${i}`) });
      expect(sent).toMatchObject({ errorCode: 0, baseOffset: '0' });
      await admin.deleteTopics({ topics: [topic] });
    }
  });

  it('records: offsets by time, and those that are deleted', async ({ beck }) => {
    const { served, js, admin } = await administer(beck);
    const topic = await served.topic();
    const start = Date.now() - 10_000;
    const messages = [0, 1, 2, 3].map((n) => ({ partition: 0, value: `${n}`, timestamp: `${start + n * 1000}` }));
    await (await js.producer()).send({ topic, messages });
    const at = async (time: number) => (await admin.fetchTopicOffsetsByTimestamp(topic, time))[0]?.offset;
    expect([await at(start + 1500), await at(Date.now())]).toEqual(['2', '4']);
    const trim = (offset: string, partition = 0) =>
      admin.deleteTopicRecords({ topic, partitions: [{ partition, offset }] });
    await trim('2');
    await trim('1');
    expect(await admin.fetchTopicOffsets(topic)).toEqual([{ partition: 0, offset: '4', high: '4', low: '2' }]);
    expect(await served.values(topic)).toEqual(['2', '3']);
    await expect(trim('99')).rejects.toThrow(/while deleting records/);
    await trim('-1');
    expect(await admin.fetchTopicOffsets(topic)).toEqual([{ partition: 0, offset: '4', high: '4', low: '4' }]);
  });

  it('configs', async ({ beck }) => {
    const { served, admin } = await administer(beck);
    const name = await served.topic('t', 1, { 'retention.ms': '1000000' });
    const resource = { type: ConfigResourceTypes.TOPIC, name };
    const describe = async (...configNames: string[]) => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: true,
        resources: [{ ...resource, configNames }],
      });
      return resources[0]?.configEntries.map(({ configName, configValue, isDefault }) => [
        configName,
        configValue,
        isDefault,
      ]);
    };
    expect(await describe('retention.ms', 'cleanup.policy', 'nope')).toEqual([
      ['cleanup.policy', 'delete', true],
      ['retention.ms', '1000000', false],
    ]);
    const alter = (key: string, value: string, topic = name) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [{ ...resource, name: topic, configEntries: [{ name: key, value }] }],
      });
    await alter('cleanup.policy', 'compact');
    expect((await describe('retention.ms', 'cleanup.policy'))?.sort()).toEqual([
      ['cleanup.policy', 'compact', false],
      ['retention.ms', '604800000', true],
    ]);
    expect(await failure(alter('cleanup.policy', 'nope'))).toBe('INVALID_CONFIG');
    expect(await failure(alter('nope', '1'))).toBe('INVALID_CONFIG');
    expect(await failure(alter('retention.ms', '1', served.name('u')))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('groups and their offsets', async ({ beck }) => {
    const { served, js, admin } = await administer(beck);
    const [topic, groupId] = [await served.topic(), served.name('g')];
    await (await js.producer()).send({ topic, messages: values('a', 'b', 'c') });
    const offsets = async () => (await admin.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions[0]?.offset;
    const set = () => admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '2' }] });
    expect(await offsets()).toBe('-1');
    await set();
    expect(await offsets()).toBe('2');
    const consumer = await js.consumer({ groupId });
    await consumer.subscribe({ topic });
    const seen = new Promise((resolve) =>
      consumer.run({ eachMessage: async ({ message }) => resolve(`${message.value}`) }),
    );
    expect(await seen).toBe('c');
    const { groups } = await admin.describeGroups([groupId, served.name('never')]);
    const [mine, never] = [groupId, served.name('never')].map((name) => groups.find((each) => each.groupId === name));
    expect(mine).toMatchObject({ state: 'Stable', protocolType: 'consumer', protocol: 'RoundRobinAssigner' });
    expect(mine?.members).toMatchObject([{ clientId: 'app', clientHost: '/127.0.0.1' }]);
    expect(never).toMatchObject({ state: 'Dead', members: [] });
    expect((await admin.listGroups()).groups).toContainEqual({ groupId, protocolType: 'consumer' });
    await expect(set()).rejects.toThrow(/must have no running instances/);
    await expect(admin.deleteGroups([groupId])).rejects.toMatchObject({ groups: [{ groupId, errorCode: 68 }] });
    await consumer.disconnect();
    await admin.resetOffsets({ groupId, topic, earliest: true });
    expect(await offsets()).toBe('-2');
    await admin.deleteGroups([groupId]);
    await expect(admin.deleteGroups([groupId])).rejects.toMatchObject({ groups: [{ groupId, errorCode: 69 }] });
  });

  it('the cluster; there is no authorizer', async ({ beck }) => {
    const { served, admin } = await administer(beck);
    const { brokers, controller, clusterId } = await admin.describeCluster();
    expect(brokers.map(({ nodeId, host, port }) => [nodeId, `${host}:${port}`])).toEqual([[1, served.brokers[0]]]);
    expect([controller, clusterId]).toEqual([1, expect.stringMatching(/^[\w-]{22}$/)]);
    const acl = {
      resourceType: AclResourceTypes.TOPIC,
      resourceName: 't',
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal: 'User:x',
      host: '*',
      operation: AclOperationTypes.READ,
      permissionType: AclPermissionTypes.ALLOW,
    };
    expect(await failure(admin.describeAcls(acl))).toBe('SECURITY_DISABLED');
    expect(await failure(admin.createAcls({ acl: [acl] }))).toBe('SECURITY_DISABLED');
    expect(await failure(admin.deleteAcls({ filters: [acl] }))).toBe('SECURITY_DISABLED');
  });
});
