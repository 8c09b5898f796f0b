/** How clients come in: what is said when all is ready, which addresses lead in, and what they are told to dial next. */
import { describe, expect } from 'vitest';
import { type Beck, it, unix } from '../support/e2e.ts';
import { KafkaJs, values } from './kafkajs-client.ts';
import { LossyProxy } from './lossy-proxy.ts';
import { KINDS, Member, share } from './members.ts';
import { Platformatic, RELEASES } from './packages.ts';
import { hasKcat, onBeck, Served, serve } from './stage.ts';

/** Writes and reads with each of the clients that is here. */
const CLIENTS: readonly { name: string; runs: boolean; tries(served: Served): Promise<void> }[] = [
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
      const consumer = await js.consumer({ groupId: 'g', retry: { retries: 0 } });
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
      expect(await pk.reads('g', 't', 1, { options: { retries: 0 } })).toHaveLength(1);
    },
  })),
];

function at(served: Served, host: string): Served {
  const port = served.bootstrap.replace(/.*:/, '');
  return new Served(served.beck, [`${host}:${port}`], served.live);
}

for (const { name, runs, tries } of CLIENTS) {
  describe.runIf(unix && onBeck && runs)(name, () => {
    it.for([1, 2, 3])('its very first write and join succeed, without a retry (%i)', async (_, { beck }) => {
      await tries(await serve(beck));
    });

    it.for(['localhost', '127.0.0.1', ...(name === 'kcat' ? ['[::1]'] : [])])(
      'comes in by %s',
      async (host, { beck }) => {
        await tries(at(await serve(beck), host));
      },
    );

    it('dials what is advertised', async ({ beck }) => {
      const proxy = await LossyProxy.listen(-1, 0);
      const served = await serve(beck, '--advertise', proxy.address);
      proxy.target = Number(served.bootstrap.replace(/.*:/, ''));
      await tries(new Served(beck, [proxy.address], served.live));
      expect(proxy.connections).toBeGreaterThan(1);
    });
  });
}

describe.runIf(unix && onBeck)('a member whose connection has closed', () => {
  const [kind] = KINDS.filter(({ name }) => name === 'kafkajs');

  async function widow(beck: Beck, ...flags: readonly string[]): Promise<number> {
    const served = await serve(beck, ...flags);
    const topic = await served.topic('t', 2);
    const start = () => new Member(kind?.start(served, 'g', topic, { session: 2000 }) as Member['live']);
    const [a, b] = [start(), start()];
    await share(2, a, b);
    const since = performance.now();
    await b.crash();
    await share(2, a);
    return performance.now() - since;
  }

  it('keeps its partitions until its session is over with --member-grace off', async ({ beck }) => {
    expect(await widow(beck, '--member-grace', 'off')).toBeGreaterThan(1500);
  });

  it('keeps them for as long as --member-grace says', async ({ beck }) => {
    expect(await widow(beck, '--member-grace', '1s')).toBeGreaterThan(900);
  });
});
