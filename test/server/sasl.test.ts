/** SASL by raw requests, as Kafka's SaslServerAuthenticator answers them. */
import { describe, expect, it } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { saslHandshake } from '../../src/protocol/messages/17-sasl-handshake.ts';
import { apiVersions } from '../../src/protocol/messages/18-api-versions.ts';
import { saslAuthenticate } from '../../src/protocol/messages/36-sasl-authenticate.ts';
import type { Address } from '../../src/server/server.ts';
import { ITERATIONS, MECHANISM_NAMES } from '../../src/user/mechanism.ts';
import { clientFinal, clientFirst } from '../support/scram-client.ts';
import { tempDir } from '../support/temp-dir.ts';
import { TestClient, TestServer } from '../support/test-server.ts';

const SASL = { host: '127.0.0.1', port: 0, protocol: 'SASL_PLAINTEXT' as const };
const PENCIL = plain('alice', 'pencil');
const WHO = { clientSoftwareName: 'probe', clientSoftwareVersion: '1' };

function plain(user: string, password: string, authorizationId = ''): Buffer {
  return Buffer.from(`${authorizationId}\0${user}\0${password}`);
}

async function start(settings = {}): Promise<TestServer> {
  const dataDir = tempDir();
  const broker = Broker.open(dataDir, 'create');
  for (const name of ['alice', 'a,b=c'])
    await broker.users.set({ name, password: 'pencil', mechanisms: MECHANISM_NAMES, iterations: ITERATIONS.least });
  broker.close();
  return TestServer.start({ dataDir, listen: [SASL], settings });
}

async function shake(client: TestClient, mechanism: string, version = 1) {
  return client.ask(saslHandshake, version, { mechanism });
}

/** A client that has come in as alice. */
async function inside(server: TestServer): Promise<TestClient> {
  const client = await server.connect();
  await shake(client, 'PLAIN');
  await client.ask(saslAuthenticate, 2, { authBytes: PENCIL });
  return client;
}

describe('a client that proves who it is', () => {
  it.each([0, 1, 2])('by PLAIN, SaslAuthenticate %i', async (version) => {
    const server = await start();
    const client = await server.connect();
    expect((await client.ask(apiVersions, 3, WHO)).errorCode).toBe(0);
    expect(await shake(client, 'PLAIN')).toEqual({
      errorCode: 0,
      mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
    });
    expect(await client.ask(saslAuthenticate, version, { authBytes: PENCIL })).toEqual({
      errorCode: 0,
      errorMessage: '',
      authBytes: Buffer.alloc(0),
      sessionLifetimeMs: 0,
    });
    expect((await client.ask(metadata, 9, { topics: [{ name: 't' }] })).topics[0]?.errorCode).toBe(0);
    expect(server.said).toContain('client 1 from 127.0.0.1 is "User:alice" by PLAIN');
  });

  it.each(MECHANISM_NAMES)('by %s', async (mechanism) => {
    const server = await start();
    const client = await server.connect();
    const who = { mechanism, user: 'a,b=c', password: 'pencil' };
    await shake(client, mechanism);
    const first = await client.ask(saslAuthenticate, 2, { authBytes: clientFirst(who).token });
    const { token, verifier } = clientFinal(who, first.authBytes);
    const last = await client.ask(saslAuthenticate, 2, { authBytes: token });
    expect([last.errorCode, String(last.authBytes)]).toEqual([0, verifier]);
    expect((await client.ask(metadata, 9, { topics: [] })).brokers).toHaveLength(1);
    expect(server.said.at(-1)).toBe(`client 1 from 127.0.0.1 is "User:a,b=c" by ${mechanism}`);
  });

  it('with tokens as they are, after a handshake of version 0', async () => {
    const client = await (await start()).connect();
    await shake(client, 'PLAIN', 0);
    client.socket.write(framed(PENCIL));
    expect(await client.frame()).toEqual(Buffer.alloc(0));
    expect((await client.ask(metadata, 9, { topics: [] })).brokers).toHaveLength(1);
  });

  it('may have several of them in flight at once', async () => {
    const server = await start();
    const clients = await Promise.all(Array.from({ length: 20 }, () => inside(server)));
    for (const client of clients) expect((await client.ask(metadata, 9, { topics: [] })).brokers).toHaveLength(1);
  });

  it('is not asked again (KIP-368): what comes late is 34, and the connection stays', async () => {
    const client = await inside(await start());
    expect(await shake(client, 'PLAIN')).toEqual({ errorCode: 34, mechanisms: [] });
    expect(await client.ask(saslAuthenticate, 2, { authBytes: PENCIL })).toMatchObject({
      errorCode: 34,
      errorMessage: 'SaslAuthenticate request received after successful authentication',
    });
    expect((await client.ask(metadata, 9, { topics: [] })).brokers).toHaveLength(1);
  });
});

const INVALID = 'Authentication failed during authentication due to invalid credentials with SASL mechanism';
const OTHER_ID = 'Authentication failed: Client requested an authorization id that is different from username';
const WRONG = 'Authentication failed: Invalid username or password';

describe('V7: a client that does not', () => {
  it.each([
    [plain('alice', 'pencils'), WRONG],
    [plain('nobody', 'pencil'), WRONG],
    [plain('alice', 'pencil', 'bob'), OTHER_ID],
    [plain('', 'pencil'), 'Authentication failed: username not specified'],
    [plain('alice', ''), 'Authentication failed: password not specified'],
    [Buffer.from('alice'), 'Invalid SASL/PLAIN response: expected 3 tokens'],
    [Buffer.from([0, 0xff, 0, 0x61]), `${INVALID} PLAIN`],
  ])('by PLAIN is told so, and cut off: %#', async (authBytes, errorMessage) => {
    const server = await start();
    const client = await server.connect();
    await shake(client, 'PLAIN');
    const answer = await client.ask(saslAuthenticate, 2, { authBytes });
    expect(answer).toMatchObject({ errorCode: 58, errorMessage, sessionLifetimeMs: 0 });
    expect(await client.frame()).toBe(null);
    expect(server.said).toEqual([
      expect.stringMatching(/^client 1 from 127\.0\.0\.1 was cut off: it could not prove by PLAIN that it is /),
    ]);
  });

  it.each(['alice', 'nobody'])('by SCRAM learns nothing of why: %s', async (user) => {
    const client = await (await start()).connect();
    const who = { mechanism: 'SCRAM-SHA-256', user, password: 'wrong' } as const;
    await shake(client, who.mechanism);
    const first = await client.ask(saslAuthenticate, 2, { authBytes: clientFirst(who).token });
    expect(first.errorCode).toBe(0);
    const { token } = clientFinal(who, first.authBytes);
    expect(await client.ask(saslAuthenticate, 2, { authBytes: token })).toMatchObject({
      errorCode: 58,
      errorMessage: `${INVALID} SCRAM-SHA-256`,
    });
    expect(await client.frame()).toBe(null);
  });

  it('knows no mechanism of ours is told which there are', async () => {
    const server = await start();
    const client = await server.connect();
    expect(await shake(client, 'GSSAPI')).toEqual({
      errorCode: 33,
      mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
    });
    expect(await client.frame()).toBe(null);
    expect(server.said).toEqual(['client 1 from 127.0.0.1 was cut off: there is no SASL mechanism "GSSAPI" here']);
  });

  it('asks for anything else first is cut off without an answer', async () => {
    const server = await start();
    const client = await server.connect();
    client.send(metadata, 9, { topics: [{ name: 't' }] });
    expect(await client.frame()).toBe(null);
    expect(server.said).toEqual([
      'client 1 from 127.0.0.1 was cut off: it asks for Metadata before it has said who it is',
    ]);
    const broker = Broker.open(server.dir, 'read');
    expect(broker.store.read(() => broker.catalogue.find('t'))).toBe(undefined);
    broker.close();
  });

  it('asks for anything else between its tokens is told 34, and cut off', async () => {
    const server = await start();
    const client = await server.connect();
    await shake(client, 'PLAIN');
    const { topics } = await client.ask(metadata, 9, { topics: [{ name: 't' }] });
    expect(topics).toMatchObject([{ name: 't', errorCode: 34 }]);
    expect(await client.frame()).toBe(null);
    expect(server.said).toContain(
      'client 1 from 127.0.0.1 was cut off: it asks for Metadata before it has proved who it is',
    );
  });

  it('sends a wrong token as it is gets no answer', async () => {
    const client = await (await start()).connect();
    await shake(client, 'PLAIN', 0);
    client.socket.write(framed(plain('alice', 'wrong')));
    expect(await client.frame()).toBe(null);
  });

  it('sends requests behind a token that is refused: nothing is done for them', async () => {
    const server = await start();
    const client = await server.connect();
    await shake(client, 'PLAIN');
    client.send(saslAuthenticate, 2, { authBytes: plain('alice', 'wrong') });
    client.send(metadata, 9, { topics: [{ name: 't' }] });
    expect((await client.receive(saslAuthenticate, 2)).body.errorCode).toBe(58);
    expect(await client.frame()).toBe(null);
    expect(await (await inside(server)).ask(metadata, 9, { topics: null })).toMatchObject({ topics: [] });
  });

  it('says nothing is cut off after a while', async () => {
    const server = await start({ authenticationMs: 20 });
    const client = await server.connect();
    expect(await client.frame()).toBe(null);
    expect(server.said).toEqual(['client 1 from 127.0.0.1 was cut off: it has not proved who it is within 20 ms']);
  });

  it('sends a request longer than 512 KiB is cut off before that has come', async () => {
    const server = await start();
    const client = await server.connect();
    client.socket.write(Buffer.from([0, 0x08, 0, 1]));
    expect(await client.frame()).toBe(null);
    expect(server.said).toEqual([expect.stringContaining('its length is 524289, of 524288 at most')]);
  });

  it.each([Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.from([0, 0, 0, 2, 0x60, 0]), Buffer.from([0, 0, 0, 0])])(
    'speaks something else is cut off: %#',
    async (bytes) => {
      const server = await start();
      const client = await server.connect();
      client.socket.write(bytes);
      expect(await client.frame()).toBe(null);
      expect(server.said).toEqual([expect.stringMatching(/^client 1 from 127\.0\.0\.1 was cut off: /)]);
    },
  );
});

it('once it is known who a client is, requests may be long', async () => {
  const client = await inside(await start());
  const topics = Array.from({ length: 5000 }, (_, i) => ({ name: `${i}`.padStart(200, 'x') }));
  expect((await client.ask(metadata, 4, { topics, allowAutoTopicCreation: false })).topics).toHaveLength(5000);
});

it('a server without users says so; they may come later', async () => {
  const server = await TestServer.start({ listen: [SASL] });
  expect(server.said).toEqual(['SASL lets nobody in yet: `beck user add NAME` makes a user']);
  const broker = Broker.open(server.dir, 'existing');
  await broker.users.set({ name: 'alice', password: 'pencil', mechanisms: ['SCRAM-SHA-512'], iterations: 4096 });
  broker.close();
  expect((await (await inside(server)).ask(metadata, 9, { topics: [] })).brokers).toHaveLength(1);
});

it('what is advertised is told to those who come as the first listener has it', async () => {
  const dataDir = (await start()).dir;
  const listen = [SASL, { ...SASL, protocol: 'PLAINTEXT' as const }];
  const server = await TestServer.start({ dataDir, listen, advertise: { host: 'kafka.test', port: 1234 } });
  const { brokers } = await (await inside(server)).ask(metadata, 9, { topics: [] });
  expect(brokers).toMatchObject([{ host: 'kafka.test', port: 1234 }]);
  const { host, port } = server.server.addresses[1] as Address;
  const plainly = await TestClient.dial({ host, port });
  expect((await plainly.ask(metadata, 9, { topics: [] })).brokers).toMatchObject([{ host, port }]);
});

it('where nobody asks, SASL is answered with 34, as in Kafka', async () => {
  const server = await TestServer.start();
  expect(await server.ask(saslHandshake, 1, { mechanism: 'PLAIN' })).toEqual({ errorCode: 34, mechanisms: [] });
  expect((await server.ask(saslAuthenticate, 2, { authBytes: PENCIL })).errorCode).toBe(34);
});

function framed(token: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(token.length);
  return Buffer.concat([length, token]);
}
