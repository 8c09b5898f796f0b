/** @platformatic/kafka over SASL and TLS. */
import { readFileSync } from 'node:fs';
import { Admin, type BaseOptions, Producer, stringSerializers } from '@platformatic/kafka';
import { describe, expect, onTestFinished } from 'vitest';
import { hasOpenssl } from '../support/certificates.ts';
import { it } from '../support/e2e.ts';
import { expectPrincipal, SASL_WAYS, type Secured, secure, stop, USER } from './secured.ts';

function optionsFor({ broker, certificates: { ca, client } }: Secured, tls: boolean, mutual = false): BaseOptions {
  const own = mutual ? { cert: readFileSync(client.cert), key: readFileSync(client.key) } : {};
  return {
    clientId: 'test',
    bootstrapBrokers: [broker],
    retries: 0,
    ...(tls ? { tls: { ca: readFileSync(ca), ...own } } : {}),
  };
}

function admin(options: BaseOptions): Admin {
  const made = new Admin(options);
  onTestFinished(() => made.close());
  return made;
}

async function send(options: BaseOptions): Promise<void> {
  const producer = new Producer({ ...options, serializers: stringSerializers, autocreateTopics: true });
  onTestFinished(() => producer.close());
  await producer.send({ messages: [{ topic: 't', value: 'over the wire' }] });
}

/** What an error and those behind it say. */
function wordsOf(error: unknown): string {
  const { message, cause, errors = [] } = error as { message: string; cause?: unknown; errors?: unknown[] };
  return [message, ...[...(cause ? [cause] : []), ...errors].map(wordsOf)].join('\n');
}

describe.runIf(hasOpenssl)('@platformatic/kafka', () => {
  it.for(SASL_WAYS)('writes over %s by %s', async ([protocol, mechanism], { beck }) => {
    const secured = await secure(beck, protocol);
    await send({ ...optionsFor(secured, protocol === 'SASL_SSL'), sasl: { mechanism, ...USER } });
    expect(await beck.lines('t')).toEqual(['over the wire']);
    expectPrincipal(secured, 'User:alice');
  });

  it.for(SASL_WAYS)('is told of a wrong password over %s by %s', async ([protocol, mechanism], { beck }) => {
    const secured = await secure(beck, protocol);
    const sasl = { mechanism, ...USER, password: 'wrong' };
    const listed = admin({ ...optionsFor(secured, protocol === 'SASL_SSL'), sasl }).listTopics();
    expect(wordsOf(await listed.catch((error: unknown) => error))).toMatch(
      /Authentication failed|SASL_AUTHENTICATION_FAILED/i,
    );
    expect(secured.live.stderr).toMatch(`it could not prove by ${mechanism} that it is "alice"`);
    await stop(secured);
  });

  it('writes by a certificate where one is required', async ({ beck }) => {
    const secured = await secure(beck, 'SSL', true);
    await send(optionsFor(secured, true, true));
    expect(await beck.lines('t')).toEqual(['over the wire']);
    expectPrincipal(secured, 'User:CN=alice,O=beck');
    await expect(admin(optionsFor(secured, true)).listTopics()).rejects.toThrow();
  });
});
