import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { encodeResponse } from '../../src/protocol/exchange.ts';
import { apiVersions } from '../../src/protocol/messages/18-api-versions.ts';
import { call } from '../../src/protocol/messages/32000-call.ts';
import { beck } from '../cli/memory-io.ts';
import { tempDir } from '../support/temp-dir.ts';
import { TestClient, TestServer } from '../support/test-server.ts';

/** The socket of a server in this process. */
async function served(dataDir = tempDir()): Promise<{ server: TestServer; path: string }> {
  const path = join(tempDir(), 's');
  return { server: await TestServer.start({ dataDir, socket: path }), path };
}

/** Somebody else's socket, who does this with each connection. */
async function listening(path: string, answer: (socket: Socket) => void): Promise<void> {
  const server = createServer((socket) => answer(socket.on('error', () => undefined))).listen({ path });
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
}

/** As a server that takes this version of calls. */
function greet(socket: Socket, maxVersion: number): void {
  const apiKeys = [{ apiKey: call.key, minVersion: 0, maxVersion }];
  for (const piece of encodeResponse(apiVersions, { version: 3, correlationId: 1 }, { errorCode: 0, apiKeys }))
    socket.write(piece);
}

const through = (path: string, line: string) => beck([...line.split(' '), '--broker', `unix:${path}`]);

describe('a broker that is none', () => {
  it('is named: nobody there, no socket, nobody who listens', async () => {
    const folder = tempDir();
    writeFileSync(join(folder, 'file'), '');
    const problems = {
      none: 'there is no such socket',
      file: 'that is no socket',
      'file/s': 'there is no such folder',
    };
    for (const [name, problem] of Object.entries(problems)) {
      const path = join(folder, name);
      const { code, stderr } = await through(path, 'topic list');
      expect([code, stderr]).toEqual([
        3,
        expect.stringContaining(`at unix:${path}: ${problem} (BROKER_UNREACHABLE)\n`),
      ]);
    }
    const long = join(folder, 'x'.repeat(200));
    expect(await through(long, 'topic list')).toMatchObject({ code: 3, stderr: expect.stringContaining('BROKER_UN') });
  });

  it('is named: somebody who speaks another language, or says nothing and hangs up', async () => {
    const folder = tempDir();
    const [http, mute] = [join(folder, 'http'), join(folder, 'mute')];
    await listening(http, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await listening(mute, (socket) => socket.destroy());
    const [spoke, hungUp] = [await through(http, 'topic list'), await through(mute, 'topic list')];
    expect([spoke.code, spoke.stderr]).toEqual([
      4,
      expect.stringMatching(/is no broker for this beck: what answers there is no broker \(.*\(BROKER_UNSUITABLE\)\n/),
    ]);
    expect([hungUp.code, hungUp.stderr]).toEqual([3, expect.stringContaining('(BROKER_UNREACHABLE)\n')]);
  });

  it('is a server of another version', async () => {
    const path = join(tempDir(), 's');
    await listening(path, (socket) => socket.once('data', () => greet(socket, call.versions[1] + 1)));
    const { code, stderr } = await through(path, 'topic list');
    expect([code, stderr]).toEqual([4, expect.stringContaining('the server there is of another version (BROKER_UN')]);
  });

  it('goes away before it has answered', async () => {
    const path = join(tempDir(), 's');
    await listening(path, (socket) => {
      socket.once('data', () => {
        greet(socket, call.versions[1]);
        socket.once('data', () => socket.destroy());
      });
    });
    const { code, stderr } = await through(path, 'topic list');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^the server at unix:.* went away: .* \(BROKER_LOST\)\n/),
    ]);
  });

  it('is what is no unix:PATH, or said beside a data directory; the flag counts for more than BECK_BROKER', async () => {
    const dataDir = tempDir();
    Broker.open(dataDir, 'create').close();
    expect(await beck(['status', '--broker', 'kafka:9092'])).toMatchObject({ code: 2 });
    expect(await beck(['status', '--broker', 'unix:s', '--data-dir', dataDir])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--broker does not go with --data-dir'),
    });
    const env = { BECK_BROKER: 'unix:/nowhere' };
    expect(await beck(['status'], { env })).toMatchObject({ code: 3 });
    expect(await beck(['status', '--data-dir', dataDir], { env })).toMatchObject({ code: 0 });
    for (const words of [['init'], ['serve'], ['bench']])
      expect(await beck([...words, '--broker', 'unix:s'], { cwd: dataDir })).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`--broker does not go with ${words[0]}`),
      });
  });
});

describe('calls', () => {
  it('are for beck on the socket alone, and nobody else is told of them', async () => {
    const { server, path } = await served();
    const keys = async (client: TestClient, name: string, version: string) => {
      const asked = { clientSoftwareName: name, clientSoftwareVersion: version };
      return (await client.ask(apiVersions, 3, asked)).apiKeys.map(({ apiKey }) => apiKey);
    };
    const own = ['beck', '1-2-3'] as const;
    const [tcp, other, named] = [
      await server.connect(),
      await TestClient.dial({ path }),
      await TestClient.dial({ path }),
    ];
    expect(await keys(tcp, ...own)).not.toContain(call.key);
    expect(await keys(other, 'librdkafka', '2.0')).not.toContain(call.key);
    expect(await keys(named, ...own)).toContain(call.key);
    for (const client of [tcp, other]) {
      client.send(call, 0, { door: 'status', given: Buffer.from('{}') });
      expect(await client.frame()).toBeNull();
    }
  });

  it.each([
    ['nothing', {}, "there is no door 'nothing'"],
    ['toString', {}, "there is no door 'toString'"],
    ['status', [], 'status: its arguments are no object'],
    ['status', { more: 1 }, "status: there is no argument 'more'"],
    ['createTopics', { specs: [{ name: 1 }] }, "createTopics: 'specs' is not a list, each a topic"],
    ['trimTopic', { name: 't', before: { at: 'offset' } }, "trimTopic: 'before' is not a position"],
    ['describeGroups', { names: null, now: 'x' }, "describeGroups: 'now' is not a whole number"],
  ])('%s with %j is refused', async (door, given, problem) => {
    const { path } = await served();
    const client = await TestClient.dial({ path });
    await client.ask(apiVersions, 3, { clientSoftwareName: 'beck', clientSoftwareVersion: '1-2-3' });
    const { body } = await client.ask(call, 0, { door, given: Buffer.from(JSON.stringify(given)) });
    expect(JSON.parse(body.toString())).toEqual({ code: 'INVALID_REQUEST', details: { problem } });
  });
});
