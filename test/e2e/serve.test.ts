/** `beck serve` as a process: when it is ready, what it leaves behind, what it does with signals and with a command. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { produce } from '../../src/protocol/messages/00-produce.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { apiVersions } from '../../src/protocol/messages/18-api-versions.ts';
import { type Beck, it, unix } from '../support/e2e.ts';
import type { Live } from '../support/run-beck.ts';
import { batchOf } from '../support/test-broker.ts';
import { TestClient } from '../support/test-server.ts';

interface Ready {
  readonly event: string;
  readonly bootstrap: string;
  readonly socket: string;
  readonly pid: number;
  readonly dataDir: string;
}

/** Serves until the test ends. */
async function serve(beck: Beck, ...flags: readonly string[]): Promise<{ live: Live; ready: Ready }> {
  const live = beck.spawn(['serve', ...flags]);
  const ready = JSON.parse(await live.prints(1)) as Ready;
  return { live, ready };
}

function dial({ bootstrap }: Pick<Ready, 'bootstrap'>): Promise<TestClient> {
  const at = bootstrap.lastIndexOf(':');
  return TestClient.dial({ host: bootstrap.slice(0, at), port: Number(bootstrap.slice(at + 1)) });
}

function produceOne(topic: string, value: string) {
  const partitionData = [{ index: 0, records: batchOf([{ value }], 'none', Date.now()) }];
  return { acks: -1, timeoutMs: 1000, topicData: [{ name: topic, partitionData }] };
}

describe.runIf(unix)('beck serve', () => {
  it('is ready when it says so, on stdout and in the file, and leaves nothing behind', async ({ beck }) => {
    const file = join(beck.folder, 'ready.json');
    const { live, ready } = await serve(beck, '--listen', '127.0.0.1:0', '--ready-file', file);
    expect(ready).toEqual({
      event: 'ready',
      bootstrap: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      listeners: [`PLAINTEXT://${ready.bootstrap}`],
      socket: join(beck.dir, 'serve.sock'),
      pid: live.pid,
      dataDir: beck.dir,
    });
    expect(readFileSync(file, 'utf8')).toBe(live.stdout);
    const client = await dial(ready);
    await client.ask(metadata, 4, { topics: [{ name: 'orders' }] });
    const { responses } = await client.ask(produce, 7, produceOne('orders', 'first'));
    expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(0);
    live.kill('SIGTERM');
    expect(await live.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect([existsSync(file), existsSync(ready.socket)]).toEqual([false, false]);
    expect(readdirSync(beck.folder)).toEqual(['data']);
    expect(await beck.lines('orders')).toEqual(['first']);
  });

  it('other processes use the same data meanwhile: each sees at once what the other has written', async ({ beck }) => {
    await beck.create('orders');
    const { ready } = await serve(beck, '--listen', '127.0.0.1:0');
    const client = await dial(ready);
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }];
    const wait = { maxWaitMs: 30_000, minBytes: 1, topics: [{ topic: 'orders', partitions }] };
    client.send(fetch, 11, wait);
    await beck.produce('orders', 'by hand\n');
    const { body } = await client.receive(fetch, 11);
    expect(body.responses[0]?.partitions[0]?.highWatermark).toBe(1);
    const follower = beck.spawn(['consume', 'orders', '-f']);
    await follower.prints('by hand');
    await client.ask(produce, 7, produceOne('orders', 'by wire'));
    await follower.prints('by wire');
  });

  it.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s: a parked request is answered, the exit is 0',
    async (signal, { beck }) => {
      await beck.create('orders');
      const { live, ready } = await serve(beck, '--listen', '127.0.0.1:0');
      const client = await dial(ready);
      const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }];
      client.send(fetch, 11, { maxWaitMs: 30_000, minBytes: 1, topics: [{ topic: 'orders', partitions }] });
      await (await dial(ready)).ask(metadata, 4, { topics: [] });
      live.kill(signal);
      expect((await client.receive(fetch, 11)).body.responses[0]?.partitions[0]?.errorCode).toBe(0);
      expect(await live.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    },
  );

  it('a server that was killed leaves a socket that the next one replaces', async ({ beck }) => {
    const { live, ready } = await serve(beck);
    live.kill('SIGKILL');
    await live.ended;
    expect(existsSync(ready.socket)).toBe(true);
    const next = await serve(beck);
    expect(next.ready.socket).toBe(ready.socket);
    const socket = connect({ path: ready.socket });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    socket.destroy();
  });

  it('--ephemeral leaves nothing behind', async ({ beck }) => {
    const tmp = join(beck.folder, 'tmp');
    mkdirSync(tmp);
    const live = beck.spawn(['serve', '--ephemeral'], { env: { TMPDIR: tmp, BECK_DATA_DIR: undefined } });
    const { dataDir } = JSON.parse(await live.prints(1)) as Ready;
    expect(readdirSync(tmp)).toEqual([dataDir.slice(tmp.length + 1)]);
    live.kill('SIGTERM');
    await live.ended;
    expect(readdirSync(tmp)).toEqual([]);
  });

  it('says who comes and what is refused, when asked to', async ({ beck }) => {
    const { live, ready } = await serve(beck, '--listen', '127.0.0.1:0', '--verbose', '--no-auto-create');
    const client = await dial(ready);
    await client.ask(apiVersions, 3, { clientSoftwareName: 'probe', clientSoftwareVersion: '1.2' });
    await client.ask(metadata, 4, { topics: [{ name: 'orders' }] });
    expect(await live.says(2)).toBe(
      'client 1 from 127.0.0.1 is probe 1.2\nMetadata 4 of client 1 (test): UNKNOWN_TOPIC_OR_PARTITION\n',
    );
  });
});

describe.runIf(unix)('beck serve -- COMMAND', () => {
  it('tells the command where the broker is, and ends with its exit code', async ({ beck }) => {
    const script = 'printf "%s\\n" "$KAFKA_BOOTSTRAP_SERVERS" "$KAFKA_BROKERS" "$BECK_BROKER"; exit 7';
    const { code, stdout, stderr } = await beck.run(['serve', '--', 'sh', '-c', script]);
    expect([code, stderr]).toEqual([7, '']);
    const [servers, brokers, broker] = stdout.split('\n');
    expect(servers).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(brokers).toBe(servers);
    expect(broker).toBe(`unix:${join(beck.dir, 'serve.sock')}`);
    expect(existsSync(join(beck.dir, 'serve.sock'))).toBe(false);
  });

  it('hands signals on to the command; its end is ours', async ({ beck }) => {
    const script = 'trap "echo got it; exit 3" TERM; echo here; while :; do sleep 0.1; done';
    const live = beck.spawn(['serve', '--', 'sh', '-c', script]);
    await live.prints('here');
    live.kill('SIGTERM');
    expect(await live.ended).toMatchObject({ code: 3, stdout: 'here\ngot it\n' });
  });

  it('a command that a signal ends is 128 and its number', async ({ beck }) => {
    expect(await beck.run(['serve', '--', 'sh', '-c', 'kill -KILL $$'])).toMatchObject({ code: 137 });
  });

  it('waits for a command that takes its time to end, however often it is asked', async ({ beck }) => {
    const script = 'trap "" INT; trap "sleep 2.5; exit 0" TERM; echo here; while :; do sleep 0.1; done';
    const live = beck.spawn(['serve', '--', 'sh', '-c', script]);
    await live.prints('here');
    live.kill('SIGTERM');
    live.kill('SIGINT');
    live.kill('SIGINT');
    expect(await live.ended).toMatchObject({ code: 0 });
  });

  it('COMMAND_FAILED: there is no such command', async ({ beck }) => {
    const { code, stderr } = await beck.run(['serve', '--', 'no-such-command']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^there is no command 'no-such-command' \(COMMAND_FAILED\)\n/);
  });

  it('wants a command behind --', async ({ beck }) => {
    expect(await beck.run(['serve', '--'])).toMatchObject({ code: 2 });
  });
});
