import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setImmediate as breathe } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { CommitWatch } from '../../src/broker/commit-watch.ts';
import { CloseConnection } from '../../src/server/close-connection.ts';
import { Connection } from '../../src/server/connection.ts';
import type { Dispatch } from '../../src/server/dispatch.ts';
import { ANONYMOUS } from '../../src/server/security-protocol.ts';
import { openTestBroker } from '../support/test-broker.ts';

/** A frame of so many bytes, the first of which says which one it is. */
function frame(name: number, bytes = 1): Buffer {
  const whole = Buffer.alloc(4 + bytes);
  whole.writeInt32BE(bytes);
  whole[4] = name;
  return whole;
}

/** A connection whose requests are answered by the test. */
async function connected(answer: Dispatch['answer']) {
  const broker = openTestBroker();
  const watch = new CommitWatch(broker);
  const said: string[] = [];
  const log = { warn: (line: string) => void said.push(line), note: () => undefined, isVerbose: false };
  const server = createServer({ allowHalfOpen: true }).listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect(server.address() as { port: number });
  const [socket] = await accepted;
  const arrival = { node: 1, address: { host: '127.0.0.1', port: 1 }, protocol: 'PLAINTEXT' as const };
  const known = { principal: ANONYMOUS, authenticator: null };
  const setting = {
    id: 1,
    arrival,
    ...known,
    watch,
    log,
    dispatch: { answer } as unknown as Dispatch,
    context: {} as never,
  };
  const connection = new Connection(socket, setting);
  onTestFinished(() => {
    client.destroy();
    connection.destroy();
    server.close();
    watch.stop();
  });
  return { client, connection, socket, said };
}

it('V5: a client that leaves lets its parked request go; those who wait for its leaving are told once', async () => {
  const woken: string[] = [];
  const { client, connection } = await connected(async (_, { park }) => {
    woken.push(await park(null, 60_000));
    return null;
  });
  let left = 0;
  connection.whenLeft(() => left++);
  client.write(frame(1));
  client.write(frame(1));
  await once(client.end(), 'close');
  await connection.closed;
  expect([woken, left]).toEqual([['released', 'released'], 1]);
});

it('a server that stops is no client that leaves', async () => {
  const { connection } = await connected(async () => null);
  let left = 0;
  connection.whenLeft(() => left++);
  connection.stop();
  await connection.closed;
  expect(left).toBe(0);
});

it('a client that does not read is not answered on and on', async () => {
  let answered = 0;
  const { client } = await connected(async () => {
    answered++;
    return [Buffer.alloc(1 << 20)];
  });
  client.pause();
  for (let i = 0; i < 200; i++) client.write(frame(1));
  for (let quiet = 0, before = -1; quiet < 200; before = answered) {
    await breathe();
    quiet = answered === before ? quiet + 1 : 0;
  }
  expect(answered).toBeLessThan(50);
  let bytes = 0;
  client.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes === 200 << 20) client.end();
  });
  client.resume();
  await once(client, 'close');
  expect(answered).toBe(200);
});

it('requests that pile up behind a parked one are left with the sender', async () => {
  const { client, socket } = await connected(async (_, { park }) => {
    await park(null, 60_000);
    return null;
  });
  const big = frame(1, 100_000);
  let sent = 0;
  while (sent < 1000 && client.write(big)) sent++;
  for (let i = 0; i < 300; i++) client.write(big);
  while (!socket.isPaused()) await breathe();
  expect(socket.bytesRead).toBeLessThan(4 << 20);
});

it('V1: the next request begins when the one before is applied; answers keep their order', async () => {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const { client } = await connected(async ([name = 0], _, { applied }) => {
    begun.push(name);
    if (name !== 2) applied();
    await new Promise<void>((resolve) => {
      ends[name] = resolve;
    });
    return [Buffer.of(name)];
  });
  client.write(Buffer.concat([frame(1), frame(2), frame(3)]));
  while (begun.length < 2) await breathe();
  await breathe();
  expect(begun).toEqual([1, 2]);
  ends[2]?.();
  while (begun.length < 3) await breathe();
  ends[3]?.();
  await breathe();
  expect(client.bytesRead).toBe(0);
  ends[1]?.();
  const got: number[] = [];
  for await (const chunk of client) {
    got.push(...(chunk as Buffer));
    if (got.length === 3) break;
  }
  expect(got).toEqual([1, 2, 3]);
});

it('a request that fails ends its connection when those before it are answered; none behind it is begun', async () => {
  const begun: number[] = [];
  let end: () => void = () => undefined;
  const { client, said } = await connected(async ([name = 0], _, { applied }) => {
    begun.push(name);
    if (name === 2) throw new CloseConnection('no sense');
    applied();
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    return [Buffer.of(name)];
  });
  client.write(Buffer.concat([frame(1), frame(2), frame(3)]));
  while (begun.length < 2) await breathe();
  await breathe();
  end();
  const got: number[] = [];
  for await (const chunk of client) got.push(...(chunk as Buffer));
  expect([got, begun]).toEqual([[1], [1, 2]]);
  expect(said).toEqual(['client 1 from 127.0.0.1 was cut off: no sense']);
});

it('a request that fails after it was applied still closes its connection', async () => {
  const { client, said } = await connected(async (_, __, { applied }) => {
    applied();
    await breathe();
    throw new CloseConnection('no more');
  });
  client.write(frame(1));
  await once(client.resume(), 'close');
  expect(said).toEqual(['client 1 from 127.0.0.1 was cut off: no more']);
});
