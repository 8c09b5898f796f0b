/** V2, with what real clients send: bytes of theirs that were spoiled end their own connection, and nothing else. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect } from 'vitest';
import { apiVersions } from '../../src/protocol/messages/18-api-versions.ts';
import { type Beck, it, unix } from '../support/e2e.ts';
import { seeded } from '../support/seed.ts';
import { TestClient } from '../support/test-server.ts';
import { CLIENTS } from './each-client.ts';
import { LossyProxy } from './lossy-proxy.ts';
import { onBeck, Served, serveWhoever } from './stage.ts';

const ROUNDS = 1500;
const AT_ONCE = 20;
const MIB = 1 << 20;

type Random = () => number;

/** How bytes are spoiled. A place is 4 bytes long: where a length or a count may stand. */
const SPOIL: Readonly<Record<string, (frame: Buffer, random: Random) => Buffer>> = {
  flipped: (frame, random) => {
    const spoiled = Buffer.from(frame);
    for (let i = 0; i < 1 + random() * 4; i++)
      spoiled[Math.floor(random() * frame.length)] = Math.floor(random() * 256);
    return spoiled;
  },
  'cut, and said to be shorter': (frame, random) => frame.subarray(0, Math.floor(random() * frame.length)),
  'with a count of 2^31 - 1': (frame, random) => at(frame, random, Buffer.of(0x7f, 0xff, 0xff, 0xff)),
  'with a compact count of 2^32 - 1': (frame, random) => at(frame, random, Buffer.of(0xff, 0xff, 0xff, 0xff, 0x0f)),
  'with a negative count': (frame, random) => at(frame, random, Buffer.of(0xff, 0xff, 0xff, 0xfe)),
  doubled: (frame) => Buffer.concat([frame, frame]),
};

function at(frame: Buffer, random: Random, bytes: Buffer): Buffer {
  const spoiled = Buffer.concat([frame, Buffer.alloc(8)]).subarray(0, Math.max(frame.length, 20));
  bytes.copy(spoiled, 8 + Math.floor(random() * (spoiled.length - 12)));
  return spoiled;
}

function framed(frame: Buffer, length = frame.length): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(length);
  return Buffer.concat([head, frame]);
}

/** Sends bytes on a connection of their own; resolves when it is closed. */
async function send({ bootstrap }: Served, bytes: Buffer): Promise<void> {
  const socket = connect(Number(bootstrap.replace(/.*:/, '')), '127.0.0.1');
  socket.on('error', () => undefined).resume();
  socket.end(bytes);
  await once(socket, 'close');
}

/** What real clients ask of this server. */
async function frames(beck: Beck): Promise<{ served: Served; frames: readonly Buffer[] }> {
  const proxy = await LossyProxy.listen(-1, 0);
  const served = await serveWhoever(beck, '--advertise', proxy.address);
  proxy.target = Number(served.bootstrap.replace(/.*:/, ''));
  for (const { runs, tries } of CLIENTS) if (runs) await tries(new Served(beck, [proxy.address], served.live));
  return { served, frames: proxy.requests };
}

/** Resident memory in bytes. */
function memory({ live }: Served): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${live.pid}/status`, 'utf8'))?.[1]) * 1024;
}

async function isServed({ bootstrap }: Served): Promise<boolean> {
  const client = await TestClient.dial({ host: '127.0.0.1', port: Number(bootstrap.replace(/.*:/, '')) });
  const { errorCode } = await client.ask(apiVersions, 3, { clientSoftwareName: 'good', clientSoftwareVersion: '1' });
  client.close();
  return errorCode === 0;
}

describe.runIf(unix && onBeck && process.platform === 'linux')('frames of real clients', () => {
  it('spoiled in every way: one line for each that is cut off, flat memory, others are served', async ({ beck }) => {
    const random = seeded('spoiled frames of real clients');
    const { served, frames: all } = await frames(beck);
    const ways = Object.values(SPOIL);
    const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
    let before = 0;
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      const batch = Array.from({ length: AT_ONCE }, () => framed(pick(ways)(pick(all), random)));
      await Promise.all(batch.map((bytes) => send(served, bytes)));
      expect(await isServed(served)).toBe(true);
      if (round >= ROUNDS / 3 && before === 0) before = memory(served);
    }
    expect(memory(served) - before).toBeLessThan(64 * MIB);
    const said = served.live.stderr.split('\n').slice(0, -1);
    expect(said.filter((line) => !/^client \d+ from 127\.0\.0\.1 was cut off: /.test(line))).toEqual([]);
    expect(new Set(said.map((line) => /\d+/.exec(line)?.[0])).size).toBe(said.length);
    expect(said.length).toBeGreaterThan(ROUNDS / 10);
  });

  it('whose length is a lie take no memory, and those over 100 MiB are cut off at once', async ({ beck }) => {
    const { served, frames: all } = await frames(beck);
    const before = memory(served);
    const [frame = Buffer.alloc(0)] = all;
    const port = Number(served.bootstrap.replace(/.*:/, ''));
    const waiting = Array.from({ length: 50 }, () => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.write(framed(frame, 100 * MIB));
      return socket;
    });
    for (const length of [100 * MIB + 1, 2 ** 31 - 1, 2 ** 32 - 1]) await send(served, framed(frame, length));
    expect(await isServed(served)).toBe(true);
    expect(memory(served) - before).toBeLessThan(64 * MIB);
    expect(served.live.stderr.split('\n').slice(0, -1)).toEqual(Array(3).fill(expect.stringMatching(/was cut off: /)));
    for (const socket of waiting) socket.destroy();
  });
});
