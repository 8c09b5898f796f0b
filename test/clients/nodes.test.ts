/** `--nodes 3`: every client finds the leader of each partition and the coordinator of each group and transactional id. */
import { describe, expect } from 'vitest';
import { type Beck, it, numbered, unix } from '../support/e2e.ts';
import { KafkaJs } from './kafkajs-client.ts';
import { KINDS, Member, readAll, share } from './members.ts';
import { Platformatic, RELEASES } from './packages.ts';
import { hasKcat, onBeck, type Served, serve } from './stage.ts';

const PARTITIONS = 6;
const NAMES = ['g', 'h', 'i', 'j', 'k', 'l'];

async function cluster(beck: Beck): Promise<{ served: Served; topic: string }> {
  const served = await serve(beck, '--nodes', '3');
  expect(served.brokers).toHaveLength(3);
  return { served, topic: await served.topic('t', PARTITIONS) };
}

/** A message for each partition. */
function one(topic: string) {
  return Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, value: `${partition}` }));
}

const ALL = ['0', '1', '2', '3', '4', '5'];

describe.runIf(unix && onBeck)('three nodes', () => {
  it('kafkajs: leaders are spread, replicas as many as are asked for up to three', async ({ beck }) => {
    const { served, topic } = await cluster(beck);
    const admin = await new KafkaJs(served).admin();
    const { brokers } = await admin.describeCluster();
    expect(brokers.map(({ nodeId, port }) => [nodeId, `127.0.0.1:${port}`]).sort()).toEqual(
      served.brokers.map((address, i) => [i + 1, address]),
    );
    const create = (replicationFactor: number) =>
      admin.createTopics({ topics: [{ topic: `r${replicationFactor}`, numPartitions: 3, replicationFactor }] });
    for (const count of [1, 2, 3]) await create(count);
    await expect(create(4)).rejects.toMatchObject({ errors: [{ type: 'INVALID_REPLICATION_FACTOR' }] });
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic, 'r1', 'r2', 'r3'] });
    const of = (name: string) => topics.find((each) => each.name === name)?.partitions ?? [];
    expect(
      of(topic)
        .map(({ leader }) => leader)
        .sort(),
    ).toEqual([1, 1, 2, 2, 3, 3]);
    for (const count of [1, 2, 3]) expect(of(`r${count}`)).toMatchObject(Array(3).fill({ replicas: [1, 2, 3] }));
  });

  it('kafkajs: writes, groups and transactions on whatever node they belong to', async ({ beck }) => {
    const { served, topic } = await cluster(beck);
    const js = new KafkaJs(served);
    await (await js.producer()).send({ topic, messages: one(topic) });
    for (const name of NAMES) {
      const transaction = await (await js.transactional(name)).transaction();
      await transaction.send({ topic, messages: one(topic) });
      const topics = [{ topic, partitions: [{ partition: 3, offset: '1' }] }];
      await transaction.sendOffsets({ consumerGroupId: name, topics });
      await transaction.commit();
    }
    expect(await served.values(topic)).toHaveLength(PARTITIONS * (NAMES.length + 1));
    const admin = await js.admin();
    for (const groupId of NAMES) {
      const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
      expect(offsets?.partitions.find(({ partition }) => partition === 3)?.offset).toBe('1');
    }
    expect((await admin.listGroups()).groups.map(({ groupId }) => groupId).sort()).toEqual(NAMES);
  });

  for (const release of RELEASES) {
    it.runIf(release.runs)(`${release.name}: writes and reads on whatever node it belongs to`, async ({ beck }) => {
      const { served, topic } = await cluster(beck);
      const pk = await Platformatic.load(release, served);
      await pk.producer().send({ messages: one(topic) });
      for (const group of NAMES) {
        const read = await pk.reads(group, topic, PARTITIONS);
        expect(read.map(({ value }) => value).sort()).toEqual(ALL);
      }
      const offsets = await pk.admin().listConsumerGroupOffsets({ groups: NAMES });
      expect(offsets.map(({ groupId }) => groupId).sort()).toEqual(NAMES);
    });
  }

  it.runIf(hasKcat)('kcat: from any of them', async ({ beck }) => {
    const { served, topic } = await cluster(beck);
    for (const broker of served.brokers) {
      const kcat = (args: readonly string[], stdin = '') =>
        beck.start('kcat', ['-b', broker, ...args], { stdin }).ended;
      expect(await kcat(['-P', '-t', topic], numbered(60))).toMatchObject({ code: 0, stderr: '' });
      expect((await kcat(['-L'])).stdout).toMatch(/3 brokers:[\s\S]*"t" with 6 partitions/);
    }
    const { stdout } = await beck.start('kcat', ['-C', '-e', '-q', '-b', served.bootstrap, '-t', topic]).ended;
    expect(stdout.split('\n').slice(0, -1)).toHaveLength(180);
  });

  for (const kind of KINDS) {
    it.runIf(kind.runs)(`${kind.name}: a group of two`, async ({ beck }) => {
      const { served, topic } = await cluster(beck);
      const members = [1, 2].map(() => new Member(kind.start(served, 'g', topic, {})));
      await share(PARTITIONS, ...members);
      await (await new KafkaJs(served).producer()).send({ topic, messages: one(topic) });
      await readAll(PARTITIONS, ...members);
      const read = members.flatMap((member) => member.read);
      expect((kind.mayRepeat ? [...new Set(read)] : read).sort()).toEqual(ALL);
    });
  }
});
