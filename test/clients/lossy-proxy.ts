import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { FrameSplitter } from '../../src/protocol/frame.ts';
import { openRequest } from '../../src/protocol/header.ts';

/**
 * Stands between a client and the server, and breaks a connection whenever the server has done what an API was asked for and
 * answers: the client learns nothing of it. So often as is wanted; then it only passes on.
 */
export class LossyProxy {
  readonly #server = createServer((client) => this.#join(client));
  readonly #api: number;
  /** Where requests go. */
  target = 0;
  /** How many answers shall still be lost. */
  left: number;
  /** How many clients have come. */
  connections = 0;
  /** All that they have asked, without the lengths before it. */
  readonly requests: Buffer[] = [];

  private constructor(api: number, count: number) {
    this.#api = api;
    this.left = count;
  }

  /** Loses the first `count` answers of an API (its key). */
  static async listen(api: number, count: number): Promise<LossyProxy> {
    const proxy = new LossyProxy(api, count);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    onTestFinished(() => void proxy.#server.close());
    return proxy;
  }

  /** For `--advertise` and as the client's broker. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #join(client: Socket): void {
    this.connections++;
    const server = connect(this.target, '127.0.0.1');
    const requests = new FrameSplitter();
    const answers = new FrameSplitter();
    const asked: number[] = [];
    const part = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', part).on('close', part);
    client.on('data', (chunk: Buffer) => {
      const frames = requests.push(chunk);
      this.requests.push(...frames);
      asked.push(...frames.map((frame) => openRequest(frame).apiKey));
      server.write(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      for (const answer of answers.push(chunk)) {
        if (asked.shift() === this.#api && this.left > 0) {
          this.left--;
          return part();
        }
        client.write(framed(answer));
      }
    });
  }
}

function framed(answer: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(answer.length);
  return Buffer.concat([length, answer]);
}
