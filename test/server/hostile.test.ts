import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Api } from '../../src/protocol/api.ts';
import { encodeRequest } from '../../src/protocol/exchange.ts';
import { apiVersions } from '../../src/protocol/messages/18-api-versions.ts';
import { call } from '../../src/protocol/messages/32000-call.ts';
import { APIS } from '../../src/protocol/messages/index.ts';
import { HANDLERS } from '../../src/server/apis.ts';
import { samples } from '../protocol/arbitraries.ts';
import { seeded } from '../support/seed.ts';
import { type TestClient, TestServer } from '../support/test-server.ts';

const HELLO = { clientSoftwareName: 'probe', clientSoftwareVersion: '1' };

async function answers(client: TestClient): Promise<boolean> {
  return (await client.ask(apiVersions, 3, HELLO)).errorCode === 0;
}

/** An API key, a version, a correlation id, no client id. */
function header(key: number, version: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.writeInt16BE(key, 0);
  bytes.writeInt16BE(version, 2);
  bytes.writeInt32BE(77, 4);
  bytes.writeInt16BE(-1, 8);
  return bytes;
}

function frame(...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

describe('V2: what makes no sense closes its connection, with one line, and touches nothing else', () => {
  const length = (n: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(n);
    return bytes;
  };
  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a TLS hello', Buffer.from('160301020001000201fc0303', 'hex')],
    ['a negative length', length(-1)],
    ['a length over 100 MiB', length(104_857_601)],
    ['an empty frame', length(0)],
    ['a header that is cut', frame(header(18, 0).subarray(0, 7))],
    ['an API that nobody has', frame(header(999, 0))],
    ['a negative API', frame(header(-1, 0))],
    ['a version that is not known', frame(header(3, 99))],
    ['a Produce of the days before batches', frame(header(0, 2), Buffer.alloc(20))],
    ['a body that is cut', frame(header(3, 4), Buffer.from([0, 0, 0, 9]))],
    ['a list of 2^31 - 1 topics', frame(header(3, 4), Buffer.from([0x7f, 0xff, 0xff, 0xff]))],
  ])('%s', async (_, bytes) => {
    const server = await TestServer.start();
    const [good, bad] = [await server.connect(), await server.connect()];
    bad.socket.write(bytes);
    expect(await bad.frame()).toBe(null);
    expect(server.said).toEqual([expect.stringMatching(/^client 2 from 127\.0\.0\.1 was cut off: /)]);
    expect(await answers(good)).toBe(true);
  });

  it('a frame that ends in the middle is nobody’s fault, and nothing is said', async () => {
    const server = await TestServer.start();
    const bad = await server.connect();
    bad.socket.end(frame(header(18, 0)).subarray(0, 9));
    expect(await bad.frame()).toBe(null);
    expect(server.said).toEqual([]);
  });
});

it('ApiVersions above ours is answered in version 0 with 35 and what we have of it (KIP-511)', async () => {
  const server = await TestServer.start();
  const client = await server.connect();
  client.socket.write(frame(header(18, 5), Buffer.of(0), randomBytes(40)));
  const answer = (await client.frame()) as Buffer;
  expect(answer.toString('hex')).toBe('0000004d' + '0023' + '00000001' + '001200000004');
  expect(await answers(client)).toBe(true);
});

it('V3: what is advertised is what is served, without a feature; a name that is none is 42', async () => {
  const client = await (await TestServer.start()).connect();
  for (const version of [0, 1, 2, 3, 4]) {
    const { apiKeys, ...rest } = await client.ask(apiVersions, version, HELLO);
    const foreign = HANDLERS.map(({ api }) => api.key).filter((key) => key !== call.key);
    expect(apiKeys.map(({ apiKey }) => apiKey)).toEqual(foreign);
    for (const { apiKey, minVersion, maxVersion } of apiKeys) {
      const served = HANDLERS.find(({ api }) => api.key === apiKey);
      expect([minVersion, maxVersion]).toEqual(served?.api.advertised);
    }
    expect(rest).toMatchObject({ errorCode: 0, supportedFeatures: [], finalizedFeatures: [] });
  }
  for (const clientSoftwareName of ['', '-a', 'a b', 'ä'])
    expect((await client.ask(apiVersions, 3, { ...HELLO, clientSoftwareName })).errorCode).toBe(42);
});

it('any request, with any values, is answered or cut off; the server lives', async () => {
  const server = await TestServer.start({ settings: { autoCreateTopics: false } });
  const served = APIS.filter((api) => HANDLERS.some((handler) => handler.api.key === api.key));
  for (const api of served as readonly Api[]) {
    for (let version = api.versions[0]; version <= api.versions[1]; version++) {
      for (const body of samples(api.request, version, 4)) {
        const client = await server.connect();
        const pieces = encodeRequest(api, { version, correlationId: 1, clientId: 'x' }, body as never);
        client.socket.write(Buffer.concat(pieces));
        client.socket.end();
        await client.frame();
        client.close();
      }
    }
  }
  expect(server.said.filter((line) => /Error:|fault/.test(line))).toEqual([]);
  expect(await answers(await server.connect())).toBe(true);
});

it('requests with bytes changed are answered or cut off; the server lives', async () => {
  const random = seeded('changed bytes of requests');
  const server = await TestServer.start();
  for (let round = 0; round < 300; round++) {
    const api = HANDLERS[Math.floor(random() * HANDLERS.length)]?.api as Api;
    const version = api.versions[0] + Math.floor(random() * (api.versions[1] - api.versions[0] + 1));
    const [body] = samples(api.request, version, 1);
    const pieces = encodeRequest(api, { version, correlationId: 1, clientId: 'x' }, body as never);
    const bytes = Buffer.concat(pieces);
    for (let i = 0; i < 3; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    const client = await server.connect();
    client.socket.write(bytes);
    client.socket.end();
    await client.frame();
    client.close();
  }
  expect(server.said.filter((line) => /Error:|fault/.test(line))).toEqual([]);
  expect(await answers(await server.connect())).toBe(true);
});
