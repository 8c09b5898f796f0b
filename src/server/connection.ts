import type { Socket } from 'node:net';
import type { CommitWatch, Parked, Woken } from '../broker/commit-watch.ts';
import { processSaid } from '../broker/peers.ts';
import { BrokerError } from '../errors.ts';
import { FrameSplitter, MAX_FRAME_BYTES } from '../protocol/frame.ts';
import { OWN_SOFTWARE } from '../protocol/messages/32000-call.ts';
import { AUTHENTICATION_MS, SASL_FRAME_BYTES } from '../settings.ts';
import type { ProcessId } from '../types.ts';
import { Answers } from './answers.ts';
import { CloseConnection } from './close-connection.ts';
import type { Arrival } from './cluster-view.ts';
import type { ConnectionContext, Dispatch, Progress } from './dispatch.ts';
import type { Client } from './handler.ts';
import type { Authenticator } from './sasl/authenticator.ts';
import { ANONYMOUS } from './security-protocol.ts';
import type { ServerLog } from './server-log.ts';
import { isTlsHello } from './tls/is-tls-hello.ts';

/**
 * Bytes of requests that may wait behind the one that is being answered. Below that the socket is read on, so that a client that
 * leaves is noticed while its request is parked.
 */
const WAITING_BYTES = 1 << 20;

/** How long a client that was told why it has to leave may take to do so: a connection that is cut may lose what was told. */
const LINGER_MS = 1000;

export interface ConnectionSetting {
  readonly id: number;
  readonly arrival: Arrival;
  /** Who it is, as far as its coming tells. */
  readonly principal: string;
  /** Asks who it is before anything else; null: nobody does. */
  readonly authenticator: Authenticator | null;
  readonly dispatch: Dispatch;
  readonly watch: CommitWatch;
  readonly log: ServerLog;
  /** Without what the connection itself knows. */
  readonly context: Omit<ConnectionContext, 'client' | 'park'>;
}

/**
 * One client. Its requests are applied one after the other and answered in their order: the next one is begun when the one before
 * is applied. From a client that does not read its answers no more is taken.
 */
export class Connection implements Client {
  readonly id: number;
  readonly arrival: Arrival;
  readonly host: string;
  principal: string;
  /** Settles when the connection has closed. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #setting: ConnectionSetting;
  readonly #context: ConnectionContext;
  readonly #splitter: FrameSplitter;
  readonly #frames: Buffer[] = [];
  readonly #answers: Answers;
  readonly #farewells: (() => void)[] = [];
  /** Until it is known who it is, where somebody asks; or until it leaves, when it has to. */
  #deadline: NodeJS.Timeout | undefined;
  readonly #ending = new AbortController();
  #process: ProcessId | null = null;
  #waitingBytes = 0;
  #parked: Parked | undefined;
  #isApplying = false;
  #isRefused = false;
  /** No more requests come: the client has sent its last one, or the server stops. */
  #isEnding = false;

  constructor(socket: Socket, setting: ConnectionSetting) {
    this.id = setting.id;
    this.arrival = setting.arrival;
    this.host = socket.remoteAddress ?? '';
    this.#socket = socket;
    this.#setting = setting;
    this.#answers = new Answers(socket);
    this.principal = setting.principal;
    this.#splitter = new FrameSplitter(setting.authenticator === null ? MAX_FRAME_BYTES : SASL_FRAME_BYTES);
    if (setting.principal !== ANONYMOUS) this.#call(setting.principal, 'its certificate');
    if (setting.authenticator !== null) this.#deadline = this.#limitPatience();
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

  get process(): ProcessId | null {
    return this.#process;
  }

  get isOwn(): boolean {
    return this.#process !== null;
  }

  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  introduce(name: string, version: string): void {
    const mayBeOwn = this.arrival.node === null && name === OWN_SOFTWARE;
    this.#process = mayBeOwn ? processSaid(version) : null;
    const who = this.#process === null ? `${name} ${version}` : `${name}, process ${this.#process.pid}`;
    this.#setting.log.note(`${this.#name} is ${who}`);
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
      this.#takeNoMore();
      this.#parked?.release();
      return this.#owe(
        Promise.reject(isTlsHello(chunk) ? new CloseConnection('it speaks TLS, and this listener does not') : error),
      );
    }
    if (this.#waitingBytes > WAITING_BYTES) this.#socket.pause();
    this.#applyAll();
  }

  /** Whole requests that came before the end are still applied: a client without acks sends and leaves. */
  #end(): void {
    this.#isEnding = true;
    this.#ending.abort();
    this.#parked?.release();
    if (!this.#isApplying) this.#finish();
  }

  /** When all answers have gone. */
  #finish(): void {
    this.#answers.sent.then(
      () => this.#leave(),
      () => this.#leave(),
    );
  }

  /** Whoever sees the connection end sees what that has led to. */
  #leave(): void {
    clearTimeout(this.#deadline);
    for (const farewell of this.#farewells.splice(0)) farewell();
    this.#socket.end();
  }

  #applyAll(): void {
    if (this.#isApplying) return;
    this.#isApplying = true;
    this.#applyEach().then(
      () => {
        this.#isApplying = false;
        if (this.#isEnding) this.#finish();
      },
      (error: unknown) => this.#refuse(error),
    );
  }

  async #applyEach(): Promise<void> {
    for (let frame = this.#frames.shift(); frame !== undefined; frame = this.#frames.shift()) {
      this.#waitingBytes -= frame.length;
      await this.#apply(frame);
      if (this.#answers.isFull) await this.#answers.sent;
      if (this.#socket.isPaused() && this.#waitingBytes <= WAITING_BYTES) this.#socket.resume();
    }
  }

  #takeNoMore(): void {
    this.#frames.length = 0;
    this.#isEnding = true;
  }

  /** Resolves when the request is applied: with its answer at the latest. */
  #apply(frame: Buffer): Promise<void> {
    return new Promise<void>((applied) => {
      const answer = this.#answer(frame, { applied, early: this.#answers.early() });
      answer.then(
        () => applied(),
        () => {
          this.#takeNoMore();
          applied();
        },
      );
      this.#owe(answer);
    });
  }

  async #answer(frame: Buffer, progress: Progress): Promise<readonly Buffer[] | null> {
    const { dispatch, authenticator } = this.#setting;
    if (authenticator === null || authenticator.user !== null) return dispatch.answer(frame, this.#context, progress);
    const answer = await authenticator.answer(frame, this.#context, progress);
    if (authenticator.user !== null) this.#admit(authenticator.user, authenticator.mechanism);
    return answer;
  }

  /** It is known now who it is. */
  #admit(user: string, mechanism: string): void {
    clearTimeout(this.#deadline);
    this.#splitter.limit = MAX_FRAME_BYTES;
    this.#call(`User:${user}`, mechanism);
  }

  #call(principal: string, by: string): void {
    this.principal = principal;
    this.#setting.log.note(`${this.#name} is ${JSON.stringify(principal)} by ${by}`);
  }

  #limitPatience(): NodeJS.Timeout {
    const { authenticationMs = AUTHENTICATION_MS } = this.#setting.context.settings;
    const why = new CloseConnection(`it has not proved who it is within ${authenticationMs} ms`);
    return setTimeout(() => this.#refuse(why), authenticationMs);
  }

  /** What fails is known when everything before it has been sent. */
  #owe(answer: Promise<readonly Buffer[] | null>): void {
    this.#answers.add(answer).catch((error: unknown) => this.#refuse(error));
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
    if (this.#isRefused) return;
    this.#isRefused = true;
    const isExpected = error instanceof CloseConnection || error instanceof BrokerError;
    const why = isExpected ? error.message : error instanceof Error ? error.stack : String(error);
    this.#setting.log.warn(`${this.#name} was cut off: ${why}`);
    this.#takeNoMore();
    const lastWords = error instanceof CloseConnection ? error.lastWords : null;
    if (lastWords === null) this.#socket.destroy();
    for (const piece of lastWords ?? []) this.#socket.write(piece);
    this.#leave();
    if (lastWords !== null) this.#deadline = setTimeout(() => this.#socket.destroy(), LINGER_MS);
  }
}
