import type { Socket } from 'node:net';
import type { CommitWatch, Parked, Woken } from '../broker/commit-watch.ts';
import { BrokerError } from '../errors.ts';
import { FrameSplitter } from '../protocol/frame.ts';
import { CloseConnection } from './close-connection.ts';
import type { Arrival } from './cluster-view.ts';
import type { ConnectionContext, Dispatch } from './dispatch.ts';
import type { Client } from './handler.ts';
import type { ServerLog } from './server-log.ts';

/**
 * Bytes of requests that may wait behind the one that is being answered. Below that the socket is read on, so that a client that
 * leaves is noticed while its request is parked.
 */
const WAITING_BYTES = 1 << 20;

export interface ConnectionSetting {
  readonly id: number;
  readonly arrival: Arrival;
  readonly dispatch: Dispatch;
  readonly watch: CommitWatch;
  readonly log: ServerLog;
  /** Without what the connection itself knows. */
  readonly context: Omit<ConnectionContext, 'client' | 'park'>;
}

/**
 * One client. Its requests are applied and answered one after the other, in their order: the next one is begun when the answer
 * before it is on its way. A client that reads too slowly is not asked for more.
 */
export class Connection implements Client {
  readonly id: number;
  readonly arrival: Arrival;
  readonly host: string;
  /** Settles when the connection has closed. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #setting: ConnectionSetting;
  readonly #context: ConnectionContext;
  readonly #splitter = new FrameSplitter();
  readonly #frames: Buffer[] = [];
  readonly #farewells: (() => void)[] = [];
  #waitingBytes = 0;
  #parked: Parked | undefined;
  #isAnswering = false;
  /** No more requests come: the client has sent its last one, or the server stops. */
  #isEnding = false;

  constructor(socket: Socket, setting: ConnectionSetting) {
    this.id = setting.id;
    this.arrival = setting.arrival;
    this.host = socket.remoteAddress ?? '';
    this.#socket = socket;
    this.#setting = setting;
    this.#context = { ...setting.context, client: this, park: (partitions, ms) => this.#park(partitions, ms) };
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => this.#end());
    socket.on('error', () => undefined); // `close` follows
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#end();
        resolve();
      });
    });
  }

  introduce(name: string, version: string): void {
    this.#setting.log.note(`${this.#name} is ${name} ${version}`);
  }

  whenLeft(fn: () => void): void {
    this.#farewells.push(fn);
  }

  /** The server stops: what is being answered is answered, at once; what comes behind it is not looked at. */
  stop(): void {
    this.#farewells.length = 0;
    this.#frames.length = 0;
    this.#end();
  }

  /** Ends the connection as it is. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** In the log. */
  get #name(): string {
    return `client ${this.id} ${this.host === '' ? 'on the socket' : `from ${this.host}`}`;
  }

  #read(chunk: Buffer): void {
    if (this.#isEnding) return;
    try {
      for (const frame of this.#splitter.push(chunk)) {
        this.#frames.push(frame);
        this.#waitingBytes += frame.length;
      }
    } catch (error) {
      return this.#refuse(error);
    }
    if (this.#waitingBytes > WAITING_BYTES) this.#socket.pause();
    this.#answerAll();
  }

  /** Whole requests that came before the end are still applied: a client without acks sends and leaves. */
  #end(): void {
    this.#isEnding = true;
    this.#parked?.release();
    if (!this.#isAnswering) this.#finish();
  }

  #finish(): void {
    this.#socket.end();
    for (const farewell of this.#farewells.splice(0)) farewell();
  }

  #answerAll(): void {
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    this.#answerEach().then(
      () => {
        this.#isAnswering = false;
        if (this.#isEnding) this.#finish();
      },
      (error: unknown) => this.#refuse(error),
    );
  }

  async #answerEach(): Promise<void> {
    for (let frame = this.#frames.shift(); frame !== undefined; frame = this.#frames.shift()) {
      this.#waitingBytes -= frame.length;
      const answer = await this.#setting.dispatch.answer(frame, this.#context);
      if (answer !== null) await this.#write(answer);
      if (this.#socket.isPaused() && this.#waitingBytes <= WAITING_BYTES) this.#socket.resume();
    }
  }

  async #write(pieces: readonly Buffer[]): Promise<void> {
    const socket = this.#socket;
    if (!socket.writable) return;
    socket.cork();
    for (const piece of pieces) socket.write(piece);
    socket.uncork();
    if (!socket.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        socket.off('drain', done).off('close', done);
        resolve();
      };
      socket.on('drain', done).on('close', done);
    });
  }

  async #park(partitions: readonly number[] | null, ms: number): Promise<Woken> {
    if (this.#isEnding) return 'released';
    this.#parked = this.#setting.watch.park(partitions, ms);
    const why = await this.#parked.woken;
    this.#parked = undefined;
    return why;
  }

  /** Bytes that make no sense, or a request that Kafka would not answer: this connection ends, and nothing else. */
  #refuse(error: unknown): void {
    const isExpected = error instanceof CloseConnection || error instanceof BrokerError;
    const why = isExpected ? error.message : error instanceof Error ? error.stack : String(error);
    this.#setting.log.warn(`${this.#name} was cut off: ${why}`);
    this.#frames.length = 0;
    this.#isAnswering = false;
    this.#isEnding = true;
    this.#socket.destroy();
    this.#finish();
  }
}
