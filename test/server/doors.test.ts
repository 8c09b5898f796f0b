import { once } from 'node:events';
import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { apiVersions } from '../../src/protocol/messages/18-api-versions.ts';
import { describeCluster } from '../../src/protocol/messages/60-describe-cluster.ts';
import { PATH_BYTES } from '../../src/server/socket-file.ts';
import { tempDir } from '../support/temp-dir.ts';
import { TestClient, TestServer } from '../support/test-server.ts';

const unix = process.platform !== 'win32';
const ANY = { host: '127.0.0.1', port: 0 };

/** Whether this machine has IPv6 at all. */
const hasIpv6 = await new Promise<boolean>((resolve) => {
  const server = createServer().once('error', () => resolve(false));
  server.listen({ host: '::1', port: 0 }, () => server.close(() => resolve(true)));
});

async function occupy(target: { host: string; port: number } | { path: string }): Promise<NetServer> {
  const server = createServer().listen(target);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return server;
}

async function toldTo(client: TestClient) {
  return (await client.ask(metadata, 4, { topics: [] })).brokers;
}

it.runIf(hasIpv6)(
  'the loopback is both of its families on one port; each client is told the address it dialled',
  async () => {
    const server = await TestServer.start({ listen: [{ host: 'localhost', port: 0 }] });
    const { port } = server.server.addresses[0] as { port: number };
    expect(server.server.bootstrap).toBe(`127.0.0.1:${port}`);
    for (const host of ['127.0.0.1', '::1']) {
      const client = await TestClient.dial({ host, port });
      expect(await toldTo(client)).toMatchObject([{ nodeId: 1, host, port }]);
    }
  },
);

it.runIf(hasIpv6)('where somebody else has the port on ::1, IPv4 stands alone, and it is said', async () => {
  const other = await occupy({ host: '::1', port: 0 });
  const { port } = other.address() as { port: number };
  const server = await TestServer.start({ listen: [{ host: '127.0.0.1', port }] });
  expect(server.said).toEqual([`[::1]:${port} is taken by somebody else: only 127.0.0.1 is listened on`]);
  expect(await toldTo(await server.connect())).toMatchObject([{ host: '127.0.0.1', port }]);
});

it('--advertise is told to everybody', async () => {
  const server = await TestServer.start({ advertise: { host: 'kafka.test', port: 1234 } });
  expect(await toldTo(await server.connect())).toMatchObject([{ host: 'kafka.test', port: 1234 }]);
});

it('a port that is taken is ADDRESS_UNAVAILABLE, and nothing stays open behind it', async () => {
  const other = await occupy(ANY);
  const { port } = other.address() as { port: number };
  const dataDir = tempDir();
  const socket = join(dataDir, 's.sock');
  const start = TestServer.start({ dataDir, listen: [{ host: '127.0.0.1', port }], socket });
  await expect(start).rejects.toMatchObject({
    code: 'ADDRESS_UNAVAILABLE',
    message: `cannot listen on 127.0.0.1:${port}: somebody else listens there`,
  });
  expect(existsSync(socket)).toBe(false);
});

it('other machines are let in only when --insecure says so', async () => {
  const listen = [{ host: '0.0.0.0', port: 0 }];
  await expect(TestServer.start({ listen })).rejects.toMatchObject({ code: 'USAGE' });
  const server = await TestServer.start({ listen, insecure: true });
  const { port } = server.server.addresses[0] as { port: number };
  expect(await toldTo(await TestClient.dial({ host: '127.0.0.1', port }))).toMatchObject([{ host: '127.0.0.1', port }]);
});

it('many servers begin at once, each on a port of its own', async () => {
  const servers = await Promise.all(Array.from({ length: 20 }, () => TestServer.start()));
  expect(new Set(servers.map(({ server }) => server.bootstrap)).size).toBe(20);
});

it('nodes: every listener is one of them, and all are told of all', async () => {
  const server = await TestServer.start({ nodes: 3 });
  const ports = server.server.addresses.map(({ port }) => port);
  expect(new Set(ports).size).toBe(3);
  const told = ports.map((port, i) => ({ nodeId: i + 1, host: '127.0.0.1', port }));
  for (const node of [1, 2, 3]) expect(await toldTo(await server.connect(node))).toMatchObject(told);
  const { brokers, controllerId } = await server.ask(describeCluster, 1, { includeClusterAuthorizedOperations: true });
  expect(brokers.map(({ brokerId, port }) => [brokerId, port])).toEqual(ports.map((port, i) => [i + 1, port]));
  expect(controllerId).toBe(1);
  await expect(TestServer.start({ nodes: 3, listen: [ANY, ANY] })).rejects.toMatchObject({ code: 'USAGE' });
});

it.runIf(unix)('V6: the Unix socket is its owner’s alone; who comes by it sees one node', async () => {
  const path = join(tempDir(), 'run', 'beck.sock');
  const server = await TestServer.start({ socket: path, nodes: 2 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(path, '..'))).toEqual(['beck.sock']);
  const client = await TestClient.dial({ path });
  expect(await toldTo(client)).toHaveLength(1);
  await server.server.stop();
  expect(existsSync(path)).toBe(false);
});

it.runIf(unix)('V6: a socket that nobody answers on is replaced', async () => {
  const path = join(tempDir(), 's.sock');
  const dead = await occupy({ path });
  // Node would take the file away with the listener; a process that is killed leaves it.
  linkSync(path, `${path}.kept`);
  dead.close();
  await once(dead, 'close');
  renameSync(`${path}.kept`, path);
  const server = await TestServer.start({ socket: path, listen: [] });
  const client = await TestClient.dial({ path });
  expect((await client.ask(apiVersions, 0, {})).errorCode).toBe(0);
  expect(server.server.bootstrap).toBe(null);
});

it.runIf(unix)('V6: a live socket, a file and a folder are left alone', async () => {
  const dir = tempDir();
  const live = join(dir, 'live');
  await TestServer.start({ socket: live });
  writeFileSync(join(dir, 'file'), 'mine');
  mkdirSync(join(dir, 'folder'));
  for (const name of ['live', 'file', 'folder']) {
    const start = TestServer.start({ socket: join(dir, name) });
    await expect(start).rejects.toMatchObject({ code: 'SOCKET_UNAVAILABLE' });
  }
  expect((await (await TestClient.dial({ path: live })).ask(apiVersions, 0, {})).errorCode).toBe(0);
  expect(readdirSync(dir).sort()).toEqual(['file', 'folder', 'live']);
});

it.runIf(unix)('a path that a socket cannot have is named with its length', async () => {
  const path = join(tempDir(), 'x'.repeat(PATH_BYTES));
  await expect(TestServer.start({ socket: path })).rejects.toMatchObject({
    code: 'SOCKET_UNAVAILABLE',
    message: expect.stringContaining(`${Buffer.byteLength(path)} bytes`),
  });
});

it.runIf(unix)('a second server on the same data directory has a socket beside the first one’s', async () => {
  const dataDir = tempDir();
  const env = { XDG_RUNTIME_DIR: tempDir() };
  const [first, second] = [
    await TestServer.start({ dataDir, env, socket: 'own' }),
    await TestServer.start({ dataDir, env, socket: 'own' }),
  ];
  expect(first.server.socketPath).toMatch(/beck\/[0-9a-f]{8}\.sock$/);
  expect(second.server.socketPath).toBe(first.server.socketPath?.replace('.sock', `-${process.pid}.sock`));
});

it.runIf(unix)('twenty that begin at the same moment: one has the socket, and keeps it', async () => {
  const path = join(tempDir(), 's.sock');
  const starts = await Promise.allSettled(
    Array.from({ length: 20 }, () => TestServer.start({ socket: path, listen: [] })),
  );
  const begun = starts.filter(({ status }) => status === 'fulfilled');
  expect(begun).toHaveLength(1);
  expect((await (await TestClient.dial({ path })).ask(apiVersions, 0, {})).errorCode).toBe(0);
});
