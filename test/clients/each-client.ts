import { expect } from 'vitest';
import { KafkaJs, values } from './kafkajs-client.ts';
import { Platformatic, RELEASES } from './packages.ts';
import { hasKcat, type Served } from './stage.ts';

/** Each client, and the least that it does: it writes to a topic that there is not, and reads it, in a group where it has them. */
export const CLIENTS: readonly { name: string; runs: boolean; tries(served: Served): Promise<void> }[] = [
  {
    name: 'kcat',
    runs: hasKcat,
    async tries({ beck, bootstrap }) {
      const kcat = (args: readonly string[], stdin = '') =>
        beck.start('kcat', ['-b', bootstrap, '-t', 't', ...args], { stdin }).ended;
      expect(await kcat(['-P'], 'x\n')).toMatchObject({ code: 0, stderr: '' });
      expect(await kcat(['-C', '-e', '-q'])).toMatchObject({ code: 0, stdout: 'x\n', stderr: '' });
    },
  },
  {
    name: 'kafkajs',
    runs: true,
    async tries(served) {
      const js = new KafkaJs(served);
      const [sent] = await (await js.producer({ retry: { retries: 0 } })).send({ topic: 't', messages: values('x') });
      expect(sent).toMatchObject({ errorCode: 0 });
      const consumer = await js.consumer({ groupId: 'of-kafkajs', retry: { retries: 0 } });
      await consumer.subscribe({ topic: 't', fromBeginning: true });
      await new Promise((resolve) => consumer.run({ eachMessage: async () => resolve(null) }));
    },
  },
  ...RELEASES.map((release) => ({
    name: release.name,
    runs: release.runs,
    async tries(served: Served) {
      const pk = await Platformatic.load(release, served);
      await pk.producer({ autocreateTopics: true, retries: 0 }).send({ messages: [{ topic: 't', value: 'x' }] });
      await pk.reads(`of-${release.package}`, 't', 1, { options: { retries: 0 } });
    },
  })),
];
