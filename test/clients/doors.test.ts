/** How clients come in: what is said when all is ready, which addresses lead in, and what they are told to dial next. */

import { connect } from 'node:net';
import type { ISocketFactory } from 'kafkajs';
import { describe, expect } from 'vitest';
import { type Beck, it, unix } from '../support/e2e.ts';
import { CLIENTS } from './each-client.ts';
import { KafkaJs, values } from './kafkajs-client.ts';
import { LossyProxy } from './lossy-proxy.ts';
import { KINDS, Member, share } from './members.ts';
import { hasKcat, onBeck, Served, serve } from './stage.ts';

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

describe.runIf(unix && onBeck)('the Unix socket', () => {
  it('kafkajs, with sockets that are made so, stays on it', async ({ beck }) => {
    const live = beck.spawn(['serve', '--nodes', '1']);
    const { socket: path, bootstrap } = JSON.parse(await live.prints(1)) as { socket: string; bootstrap: null };
    expect(bootstrap).toBe(null);
    const socketFactory: ISocketFactory = ({ onConnect }) => connect({ path }, onConnect);
    const js = new KafkaJs({ beck, brokers: ['beck:1'] }, { socketFactory });
    await (await js.producer({ retry: { retries: 0 } })).send({ topic: 't', messages: values('x') });
    const consumer = await js.consumer({ groupId: 'g', retry: { retries: 0 } });
    await consumer.subscribe({ topic: 't', fromBeginning: true });
    await new Promise((resolve) => consumer.run({ eachMessage: async () => resolve(null) }));
    expect(live.stderr).toBe('');
  });
});

describe.runIf(unix && onBeck && hasKcat)('beck serve -- COMMAND', () => {
  it('kcat is told where the broker is; its failure is ours', async ({ beck }) => {
    const script =
      'echo first | kcat -b $KAFKA_BROKERS -P -t t && kcat -b $KAFKA_BOOTSTRAP_SERVERS -C -t t -e -q; exit 5';
    const ran = await beck.run(['serve', '--ephemeral', '--', 'sh', '-c', script]);
    expect(ran).toMatchObject({ code: 5, stdout: 'first\n', stderr: '' });
  });
});

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
