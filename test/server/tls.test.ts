import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { apiVersions } from '../../src/protocol/messages/18-api-versions.ts';
import type { SecurityProtocol } from '../../src/server/security-protocol.ts';
import { readTlsFiles, type TlsFiles } from '../../src/server/tls/tls-files.ts';
import { type Certificates, hasOpenssl, makeCertificates, pemOf } from '../support/certificates.ts';
import { tempDir, temporaryFolder } from '../support/temp-dir.ts';
import { TestClient, TestServer } from '../support/test-server.ts';

const home = temporaryFolder();
afterAll(home.remove);
const made = hasOpenssl ? makeCertificates(home.path) : ({} as Certificates);
const NONE = { ca: null, clientAuth: 'none' } as const;

/** A server with one listener. */
function start(
  protocol: SecurityProtocol,
  tls: Partial<TlsFiles> | null = NONE,
  options: { host?: string; tlsHandshakeMs?: number } = {},
): Promise<TestServer> {
  const { host = '127.0.0.1', ...others } = options;
  const files = tls === null ? undefined : { ...made.server, ...NONE, ...tls };
  return TestServer.start({ listen: [{ host, port: 0, protocol }], tls: files, ...others });
}

function portOf({ server }: TestServer): number {
  return server.addresses[0]?.port as number;
}

/** Resolves when TLS stands; rejects with what the client is told. */
async function dialTls(server: TestServer, options: ConnectionOptions = {}): Promise<TestClient> {
  const where = { host: '127.0.0.1', port: portOf(server), ca: readFileSync(made.ca) };
  const socket = connectTls({ ...where, ...options });
  onTestFinished(() => void socket.destroy());
  const failed = once(socket, 'close').then(() => Promise.reject(new Error('it was closed')));
  failed.catch(() => undefined);
  await Promise.race([once(socket, 'secureConnect'), failed]);
  return new TestClient(socket);
}

const required = () => ({ ca: made.ca, clientAuth: 'required' as const });
const requested = () => ({ ca: made.ca, clientAuth: 'requested' as const });
const ANSWERED = expect.objectContaining({ errorCode: 0 });

describe.runIf(hasOpenssl)('TLS', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s is spoken, and the server proves itself', async (version) => {
    const server = await start('SSL');
    const client = await dialTls(server, { minVersion: version, maxVersion: version });
    expect(await client.ask(apiVersions, 0, {})).toEqual(ANSWERED);
    expect(server.server.listeners).toEqual([`SSL://127.0.0.1:${portOf(server)}`]);
    await expect(dialTls(server, { ca: [] })).rejects.toThrow();
  });

  it('older ones are not', async () => {
    const server = await start('SSL');
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(dialTls(server, old)).rejects.toThrow();
    await vi.waitFor(() =>
      expect(server.said).toEqual([expect.stringMatching(/^a client from 127\.0\.0\.1 was cut off: TLS fails: /)]),
    );
  });

  it('who sends and leaves is answered', async () => {
    const client = await dialTls(await start('SSL'), { maxVersion: 'TLSv1.2' });
    client.send(apiVersions, 0, {});
    client.socket.end();
    expect((await client.receive(apiVersions, 0)).body).toEqual(ANSWERED);
  });

  it('a client that does not speak it is cut off with a line, others are served', async () => {
    const server = await start('SSL');
    const plain = await TestClient.dial({ host: '127.0.0.1', port: portOf(server) });
    plain.send(apiVersions, 0, {});
    const web = await TestClient.dial({ host: '127.0.0.1', port: portOf(server) });
    web.socket.write('GET / HTTP/1.1\r\n\r\n');
    while (!plain.socket.closed || !web.socket.closed)
      await once(plain.socket.closed ? web.socket : plain.socket, 'close');
    const line = 'a client from 127.0.0.1 was cut off: it does not speak TLS, and this listener does';
    expect(server.said).toEqual([line, line]);
    expect(await (await dialTls(server)).ask(apiVersions, 0, {})).toEqual(ANSWERED);
  });

  it('a client that speaks it where nobody does is cut off with a line, others are served', async () => {
    const server = await start('PLAINTEXT', null);
    await expect(dialTls(server)).rejects.toThrow();
    expect(server.said).toEqual(['client 1 from 127.0.0.1 was cut off: it speaks TLS, and this listener does not']);
    expect(await server.ask(apiVersions, 0, {})).toEqual(ANSWERED);
  });

  it('a handshake that does not come is cut off after a time', async () => {
    const server = await start('SSL', NONE, { tlsHandshakeMs: 30 });
    const slow = await TestClient.dial({ host: '127.0.0.1', port: portOf(server) });
    expect(await slow.frame()).toBe(null);
    expect(server.said).toEqual(['a client from 127.0.0.1 was cut off: its handshake of TLS takes longer than 30 ms']);
  });

  it('a handshake that has begun does not keep the server from its end', async () => {
    const server = await start('SSL');
    const slow = await TestClient.dial({ host: '127.0.0.1', port: portOf(server) });
    const other = connect({ host: '127.0.0.1', port: portOf(server) });
    await once(other, 'connect');
    await dialTls(server);
    await server.server.stop();
    expect(await slow.frame()).toBe(null);
    other.destroy();
  });

  it('a cluster of many nodes speaks it too', async () => {
    const listen = [{ host: '127.0.0.1', port: 0, protocol: 'SSL' as const }];
    const server = await TestServer.start({ listen, nodes: 12, tls: { ...made.server, ...NONE } });
    expect(server.server.bootstrap?.split(',')).toHaveLength(12);
    expect(await firstAnswer(server)).toEqual(ANSWERED);
  });

  it('clients prove themselves where they are asked to, and are called by their subject', async () => {
    const server = await start('SSL', required());
    const client = await dialTls(server, pemOf(made.client));
    expect(await client.ask(apiVersions, 0, {})).toEqual(ANSWERED);
    expect(server.said).toEqual(['client 1 from 127.0.0.1 is "User:CN=alice,O=beck" by its certificate']);
    const stranger = makeCertificates(tempDir());
    for (const options of [{}, pemOf(stranger.client)]) await expect(firstAnswer(server, options)).rejects.toThrow();
    await vi.waitFor(() => expect(server.said).toHaveLength(3));
    expect(server.said.slice(1)).toEqual([
      'a client from 127.0.0.1 was cut off: TLS fails: peer did not return a certificate',
      expect.stringMatching(/^a client.* was cut off: its certificate is not accepted: /),
    ]);
  });

  it('where a certificate is requested, none will do, and one that is not accepted will not', async () => {
    const server = await start('SSL', requested());
    expect(await firstAnswer(server)).toEqual(ANSWERED);
    expect(await firstAnswer(server, pemOf(made.client))).toEqual(ANSWERED);
    await expect(firstAnswer(server, pemOf(makeCertificates(tempDir()).client))).rejects.toThrow();
    expect(server.said.at(-1)).toMatch(/^a client from 127\.0\.0\.1 was cut off: its certificate is not accepted: /);
  });

  it('other machines may come in where strangers can neither come in nor read along', async () => {
    const host = '0.0.0.0';
    for (const [protocol, tls] of [
      ['PLAINTEXT', null],
      ['SASL_PLAINTEXT', null],
      ['SSL', NONE],
      ['SSL', requested()],
    ] as const)
      await expect(start(protocol, tls, { host })).rejects.toMatchObject({
        code: 'USAGE',
        hint: expect.stringContaining('--listen SASL_SSL://0.0.0.0:0 with --tls-cert and --tls-key'),
      });
    await start('SASL_SSL', NONE, { host });
    await start('SSL', required(), { host });
  });

  it('a listener that speaks it wants a certificate, and a certificate a listener', async () => {
    await expect(start('SASL_SSL', null)).rejects.toMatchObject({
      code: 'USAGE',
      message: 'SASL_SSL wants a certificate',
    });
    await expect(start('PLAINTEXT', NONE)).rejects.toMatchObject({ code: 'USAGE' });
    const two = [
      { host: '127.0.0.1', port: 0 },
      { host: '127.0.0.1', port: 0, protocol: 'SASL_PLAINTEXT' as const },
    ];
    await expect(TestServer.start({ nodes: 2, listen: two })).rejects.toMatchObject({ code: 'USAGE' });
    const server = await TestServer.start({ listen: two });
    expect(server.server.bootstrap).toBe(`127.0.0.1:${portOf(server)}`);
    expect(server.server.listeners).toHaveLength(2);
  });
});

/** A client of TLS 1.3 learns of a certificate that is not accepted when it wants to read. */
async function firstAnswer(server: TestServer, options: ConnectionOptions = {}) {
  return (await dialTls(server, options)).ask(apiVersions, 0, {});
}

describe.runIf(hasOpenssl)('what TLS is configured with', () => {
  const said: string[] = [];
  const read = (files: Partial<TlsFiles>, now = Date.now()) =>
    readTlsFiles({ ...made.server, ...NONE, ...files }, now, (line) => void said.push(line));
  const file = (content: string | Buffer) => {
    const path = join(tempDir(), 'file');
    writeFileSync(path, content);
    return path;
  };

  it('files that cannot be read are named', () => {
    const nowhere = join(made.folder, 'nowhere.pem');
    for (const files of [{ cert: nowhere }, { key: nowhere }, { ca: nowhere }])
      expect(() => read(files)).toThrow(`cannot read ${nowhere}: there is no such file`);
    expect(() => read({ cert: made.folder })).toThrow(`cannot read ${made.folder}: it is a folder`);
    const secret = file('x');
    chmodSync(secret, 0);
    if (process.getuid?.() !== 0) expect(() => read({ key: secret })).toThrow('it may not be read');
  });

  it('files that hold something else are refused, and a key that is another’s', () => {
    const cases: [Partial<TlsFiles>, RegExp][] = [
      [{ cert: made.server.key }, /server\.key is no certificate in PEM$/],
      [
        { cert: file('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n') },
        /holds a certificate that is damaged: /,
      ],
      [{ key: made.server.cert }, /server\.pem is no private key in PEM$/],
      [{ key: made.client.key }, /client\.key is not the key of the certificate in .*server\.pem$/],
      [{ ca: made.server.key, clientAuth: 'required' }, /server\.key is no certificate in PEM$/],
    ];
    for (const [files, message] of cases)
      expect(() => read(files)).toThrow(
        expect.objectContaining({ code: 'INVALID_CONFIG', message: expect.stringMatching(message) }),
      );
  });

  it('a key that is encrypted is said to be', () => {
    const key = join(tempDir(), 'key');
    execFileSync('openssl', ['pkey', '-in', made.server.key, '-aes256', '-passout', 'pass:x', '-out', key]);
    expect(() => read({ key })).toThrow(/^the key in .* is encrypted; /);
  });

  it('a certificate whose time is over, or has not come, is told of', () => {
    const year = 365 * 86_400_000;
    read({});
    expect(said).toEqual([]);
    read({}, Date.now() + year);
    expect(said.splice(0)).toEqual([expect.stringMatching(/^the certificate in .*server\.pem is over since .* GMT$/)]);
    read({}, Date.now() - year);
    expect(said.splice(0)).toEqual([expect.stringMatching(/server\.pem does not begin before .* GMT$/)]);
  });
});
