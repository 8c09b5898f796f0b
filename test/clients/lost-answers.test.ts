/** What idempotence is for: the answer to what was stored is lost, the client sends it again, and it is there once. */
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, onTestFinished } from 'vitest';
import { produce } from '../../src/protocol/messages/00-produce.ts';
import { type Beck, it, numbered, unix } from '../support/e2e.ts';
import { LossyProxy } from './lossy-proxy.ts';
import { hasKcat, onBeck, serve } from './stage.ts';

const LOST = 3;

async function lossy(beck: Beck, api: { readonly key: number }): Promise<LossyProxy> {
  await beck.create('t');
  const proxy = await LossyProxy.listen(api.key, LOST);
  const { brokers } = await serve(beck, '--advertise', proxy.address);
  proxy.target = Number(brokers[0]?.split(':').at(-1));
  return proxy;
}

function kafkaBehind({ address }: LossyProxy): Kafka {
  const retry = { initialRetryTime: 10, retries: 2 * LOST };
  return new Kafka({ clientId: 'app', brokers: [address], logLevel: logLevel.NOTHING, retry });
}

describe.runIf(unix && onBeck)('answers that are lost', () => {
  it.runIf(hasKcat)('kcat: nothing is lost, nothing is there twice', async ({ beck }) => {
    const proxy = await lossy(beck, produce);
    const args = ['-P', '-E', '-b', proxy.address, '-t', 't', '-p', '0', '-X', 'batch.num.messages=20'];
    const often = ['-X', 'enable.idempotence=true', '-X', 'reconnect.backoff.ms=10', '-X', 'retry.backoff.ms=10'];
    const { code, stderr } = await beck.start('kcat', [...args, ...often], { stdin: numbered(300) }).ended;
    expect(code, stderr).toBe(0);
    expect(proxy.left).toBe(0);
    expect(await beck.lines('t')).toEqual(numbered(300).trimEnd().split('\n'));
  });

  it('kafkajs: nothing is lost, nothing is there twice', async ({ beck }) => {
    const proxy = await lossy(beck, produce);
    const producer = kafkaBehind(proxy).producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    onTestFinished(() => producer.disconnect());
    for (let i = 0; i < 2 * LOST; i++) await producer.send({ topic: 't', messages: [{ value: `${i}` }] });
    expect(proxy.left).toBe(0);
    expect(await beck.lines('t')).toEqual(Array.from({ length: 2 * LOST }, (_, i) => `${i}`));
  });
});
