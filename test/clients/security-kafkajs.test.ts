/** kafkajs over SASL and TLS. */
import { readFileSync } from 'node:fs';
import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import { describe, expect, onTestFinished } from 'vitest';
import { hasOpenssl } from '../support/certificates.ts';
import { it } from '../support/e2e.ts';
import { expectPrincipal, SASL_WAYS, type Secured, secure, USER } from './secured.ts';

/** `mutual`: with its certificate. */
function kafka(
  { broker, certificates: { ca, client } }: Secured,
  { tls, mutual = false, sasl }: { tls: boolean; mutual?: boolean; sasl?: SASLOptions },
): Kafka {
  const own = mutual ? { cert: readFileSync(client.cert), key: readFileSync(client.key) } : {};
  return new Kafka({
    clientId: 'test',
    brokers: [broker],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
    ssl: tls && { ca: [readFileSync(ca)], ...own },
    ...(sasl === undefined ? {} : { sasl }),
  });
}

function saslOf(mechanism: string, password: string = USER.password): SASLOptions {
  return { mechanism: mechanism.toLowerCase(), username: USER.username, password } as SASLOptions;
}

/** Sends a record, and reads it back. */
async function roundTrip(client: Kafka): Promise<string> {
  const producer = client.producer();
  await producer.connect();
  await producer.send({ topic: 't', messages: [{ value: 'over the wire' }] });
  await producer.disconnect();
  const consumer = client.consumer({ groupId: 'g' });
  onTestFinished(() => consumer.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topic: 't', fromBeginning: true });
  return new Promise((resolve, reject) => {
    consumer.run({ eachMessage: async ({ message }) => resolve(String(message.value)) }).catch(reject);
  });
}

describe.runIf(hasOpenssl)('kafkajs', () => {
  it.for(SASL_WAYS)('writes and reads over %s by %s', async ([protocol, mechanism], { beck }) => {
    const secured = await secure(beck, protocol);
    const client = kafka(secured, { tls: protocol === 'SASL_SSL', sasl: saslOf(mechanism) });
    expect(await roundTrip(client)).toBe('over the wire');
    expectPrincipal(secured, 'User:alice');
  });

  it.for(SASL_WAYS)('is told of a wrong password over %s by %s', async ([protocol, mechanism], { beck }) => {
    const secured = await secure(beck, protocol);
    const admin = kafka(secured, { tls: protocol === 'SASL_SSL', sasl: saslOf(mechanism, 'wrong') }).admin();
    onTestFinished(() => admin.disconnect());
    await expect(admin.connect()).rejects.toThrow(/Authentication failed/);
    expect(secured.live.stderr).toMatch(`it could not prove by ${mechanism} that it is "alice"`);
  });

  it('is told which mechanisms there are', async ({ beck }) => {
    const secured = await secure(beck, 'SASL_PLAINTEXT');
    const sasl = { mechanism: 'aws', authorizationIdentity: 'x', accessKeyId: 'x', secretAccessKey: 'x' } as const;
    const admin = kafka(secured, { tls: false, sasl }).admin();
    onTestFinished(() => admin.disconnect());
    await expect(admin.connect()).rejects.toThrow(/mechanism/);
  });

  it('writes and reads by a certificate where one is required', async ({ beck }) => {
    const secured = await secure(beck, 'SSL', true);
    expect(await roundTrip(kafka(secured, { tls: true, mutual: true }))).toBe('over the wire');
    expectPrincipal(secured, 'User:CN=alice,O=beck');
    const stranger = kafka(secured, { tls: true }).admin();
    onTestFinished(() => stranger.disconnect());
    await expect(stranger.connect()).rejects.toThrow();
  });
});
