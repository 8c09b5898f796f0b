/** @platformatic/kafka administers, as its documentation shows it: https://github.com/platformatic/kafka/blob/main/docs/admin.md */
import type { Admin } from '@platformatic/kafka';
import { describe, expect } from 'vitest';
import { type Beck, it } from '../support/e2e.ts';
import { Platformatic, RELEASES, type Release } from './packages.ts';
import { onBeck, type Served, serve } from './stage.ts';

/** Numbers of the protocol. */
const [TOPIC, SET, APPEND] = [2, 0, 2] as const;

async function stage(beck: Beck, release: Release): Promise<{ served: Served; pk: Platformatic; admin: Admin }> {
  const served = await serve(beck);
  const pk = await Platformatic.load(release, served);
  return { served, pk, admin: pk.admin() };
}

interface Failure {
  readonly apiId?: string;
  readonly errors?: readonly Failure[];
}

/** The error of the protocol that is at the bottom of what it throws. */
function failure(promise: Promise<unknown>): Promise<string> {
  const bottom = ({ apiId, errors = [] }: Failure): string[] => (apiId ? [apiId] : errors.flatMap(bottom));
  return promise.then(
    () => 'nothing failed',
    (error: Failure) => [...new Set(bottom(error))].join(),
  );
}

for (const release of RELEASES) {
  describe.runIf(release.runs)(`${release.name} administers`, () => {
    it('topics: made, listed, with more partitions, gone', async ({ beck }) => {
      const { served, admin } = await stage(beck, release);
      const [t, u] = [served.name('t'), served.name('u')];
      const configs = [{ name: 'retention.ms', value: '1000000' }];
      const [made] = await admin.createTopics({ topics: [t], partitions: 2, replicas: 1, configs });
      expect(made).toMatchObject({ name: t, partitions: 2, replicas: 1 });
      expect(made?.configuration['retention.ms']).toBe('1000000');
      expect(await failure(admin.createTopics({ topics: [t] }))).toBe('TOPIC_ALREADY_EXISTS');
      expect(await failure(admin.createTopics({ topics: ['a b'] }))).toBe('INVALID_TOPIC_EXCEPTION');
      expect(await failure(admin.createTopics({ topics: [u], replicas: 2 }))).toBe('INVALID_REPLICATION_FACTOR');
      const assignments = [0, 1].map((partition) => ({ partition, brokers: [1] }));
      const [assigned] = await admin.createTopics({ topics: [u], partitions: -1, replicas: -1, assignments });
      expect(assigned).toMatchObject({ partitions: 2, replicas: 1 });
      expect(await admin.listTopics()).toEqual(expect.arrayContaining([t, u]));
      const grow = (count: number, of = t) =>
        admin.createPartitions({ topics: [{ name: of, count, assignments: [] }] });
      const more = { name: t, count: 4, assignments: [{ brokerIds: [1] }, { brokerIds: [1] }] };
      await admin.createPartitions({ topics: [more] });
      expect(await failure(grow(3))).toBe('INVALID_PARTITIONS');
      const metadata = await admin.metadata({ topics: [t] });
      expect(metadata.topics.get(t)?.partitions).toMatchObject(Array(4).fill({ leader: 1, replicas: [1], isr: [1] }));
      await admin.deleteTopics({ topics: [t, u] });
      expect(await admin.listTopics()).not.toEqual(expect.arrayContaining([t]));
      expect(await failure(admin.deleteTopics({ topics: [t] }))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    });

    it('records: offsets by time, and those that are deleted', async ({ beck }) => {
      const { served, pk, admin } = await stage(beck, release);
      const topic = await served.topic();
      const start = BigInt(Date.now() - 10_000);
      const messages = [0n, 1n, 2n, 3n].map((n) => ({
        topic,
        partition: 0,
        value: `${n}`,
        timestamp: start + n * 1000n,
      }));
      await pk.producer().send({ messages });
      const at = async (timestamp: bigint) => {
        const [found] = await admin.listOffsets({
          topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }],
        });
        return Number(found?.partitions[0]?.offset);
      };
      const all = [-1n, -2n, -3n, start + 1500n, start + 9000n];
      expect(await Promise.all(all.map(at))).toEqual([4, 0, 3, 2, -1]);
      const trim = (offset: bigint) =>
        admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset }] }] });
      expect(await trim(2n)).toMatchObject([{ name: topic, partitions: [{ partition: 0, lowWatermark: 2n }] }]);
      expect(await failure(trim(99n))).toBe('OFFSET_OUT_OF_RANGE');
      expect(await served.values(topic)).toEqual(['2', '3']);
      expect(await at(-2n)).toBe(2);
    });

    it('configs, log directories', async ({ beck }) => {
      const { served, admin } = await stage(beck, release);
      const topic = await served.topic('t', 2, { 'retention.ms': '1000000' });
      const resource = { resourceType: TOPIC, resourceName: topic } as const;
      const values = async (...configurationKeys: string[]) => {
        const [found] = await admin.describeConfigs({ resources: [{ ...resource, configurationKeys }] });
        return Object.fromEntries(
          found?.configs.map(({ name, value, configSource }) => [name, [value, configSource]]) ?? [],
        );
      };
      expect(await values('retention.ms', 'cleanup.policy')).toEqual({
        'retention.ms': ['1000000', 1],
        'cleanup.policy': ['delete', 5],
      });
      const alter = (name: string, configOperation: number, value: string) =>
        admin.incrementalAlterConfigs({
          resources: [{ ...resource, configs: [{ name, configOperation, value }] }],
        } as never);
      await alter('retention.ms', SET, '777');
      await alter('cleanup.policy', APPEND, 'compact');
      expect(await values('retention.ms', 'cleanup.policy')).toEqual({
        'retention.ms': ['777', 1],
        'cleanup.policy': ['delete,compact', 1],
      });
      expect(await failure(alter('nope', SET, '1'))).toBe('INVALID_CONFIG');
      const [node] = await admin.describeLogDirs({ topics: [{ name: topic, partitions: [0, 1] }] });
      const [logs] = node?.results[0]?.topics ?? [];
      expect(logs).toMatchObject({ name: topic, partitions: [{ offsetLag: 0n }, { offsetLag: 0n }] });
      if (onBeck) expect(node?.results[0]?.logDir).toBe(beck.dir);
    });

    it.for(['classic', 'consumer'] as const)('groups and their offsets: %s', async (groupProtocol, { beck }) => {
      const { served, pk, admin } = await stage(beck, release);
      const [topic, group] = [await served.topic(), served.name('g')];
      await pk.producer().send({ messages: ['a', 'b', 'c'].map((value) => ({ topic, partition: 0, value })) });
      const set = (offset: bigint) =>
        admin.alterConsumerGroupOffsets({
          groupId: group,
          topics: [{ name: topic, partitionOffsets: [{ partition: 0, offset }] }],
        });
      const offset = async () => {
        const [found] = await admin.listConsumerGroupOffsets({
          groups: [{ groupId: group, topics: [{ name: topic, partitionIndexes: [0] }] }],
        });
        return Number(found?.topics[0]?.partitions[0]?.committedOffset ?? -1);
      };
      expect(await offset()).toBe(-1);
      await set(2n);
      expect(await offset()).toBe(2);
      const consumer = pk.consumer(group, { groupProtocol });
      const stream = await consumer.consume({ topics: [topic], mode: 'committed', maxWaitTime: 200, autocommit: true });
      for await (const { value } of stream) {
        expect(value).toBe('c');
        break;
      }
      const types = ['classic', 'consumer'];
      const [listed] = [...(await admin.listGroups({ types })).values()].filter(({ id }) => id === group);
      expect(listed).toMatchObject({ groupType: groupProtocol, protocolType: 'consumer' });
      const described = (await admin.describeGroups({ groups: [group] })).get(group);
      const members = [...(described?.members.values() ?? [])];
      if (onBeck || groupProtocol === 'classic') {
        expect(described?.state.toLowerCase()).toBe('stable');
        expect(members).toMatchObject([{ clientId: 'app', clientHost: '/127.0.0.1' }]);
        expect(members[0]?.assignments?.get(topic)?.partitions).toEqual([0]);
      }
      expect(await failure(admin.deleteGroups({ groups: [group] }))).toBe('NON_EMPTY_GROUP');
      expect(await failure(set(1n))).toBe('UNKNOWN_MEMBER_ID');
      const forget = { groupId: group, topics: [{ name: topic, partitionIndexes: [0] }] };
      expect(await failure(admin.deleteConsumerGroupOffsets(forget))).toBe('GROUP_SUBSCRIBED_TO_TOPIC');
      await consumer.close(true);
      await admin.deleteConsumerGroupOffsets(forget);
      expect(await offset()).toBe(-1);
      await admin.deleteGroups({ groups: [group] });
      expect(await failure(admin.deleteGroups({ groups: [group] }))).toBe('GROUP_ID_NOT_FOUND');
    });

    it('the cluster; there is no authorizer', async ({ beck }) => {
      const { served, admin } = await stage(beck, release);
      const { id, brokers, controllerId } = await admin.metadata({ topics: [] });
      expect([id, controllerId]).toEqual([expect.stringMatching(/^[\w-]{22}$/), 1]);
      expect([...brokers.values()].map(({ host, port }) => `${host}:${port}`)).toEqual(served.brokers);
      const filter = {
        resourceType: 2,
        resourceName: null,
        resourcePatternType: 1,
        principal: null,
        host: null,
        operation: 1,
        permissionType: 1,
      };
      expect(await failure(admin.describeAcls({ filter } as never))).toBe('SECURITY_DISABLED');
    });
  });
}
