import type { Socket } from 'node:net';
import { processText, thisProcess } from '../../broker/peers.ts';
import { BrokerError, type ErrorCode, type ErrorDetails } from '../../errors.ts';
import type { Api, NewRequest, ResponseOf } from '../../protocol/api.ts';
import { decodeResponse, encodeRequest } from '../../protocol/exchange.ts';
import { FrameSplitter } from '../../protocol/frame.ts';
import { apiVersions } from '../../protocol/messages/18-api-versions.ts';
import { CALL_ANSWER, call, OWN_SOFTWARE } from '../../protocol/messages/32000-call.ts';
import type { Layout } from '../../protocol/schema.ts';
import type { OnProgress } from '../cluster.ts';
import type { BrokerAddress } from './broker-address.ts';
import { dial } from './dial.ts';

/** So long a server may be silent that owes an answer (ms; Kafka's request.timeout.ms). What is called may take its time. */
const SILENT_MS = 30_000;

/** So long what listens there may take to say that it is a broker (ms). */
const GREETING_MS = 5000;

interface Waiting {
  readonly api: Api;
  readonly version: number;
  /** True: it was the last answer. */
  answered(frame: Buffer): boolean;
  failed(error: BrokerError): void;
}

/** What a call is told while it is being answered. */
export interface Listening {
  readonly onProgress?: OnProgress | undefined;
  readonly onPiece?: ((piece: unknown) => void) | undefined;
}

/** A connection to a `beck serve`: requests are answered in their order. When it is lost, everything that waits rejects. */
export class WireConnection {
  readonly #socket: Socket;
  readonly #address: BrokerAddress;
  readonly #splitter = new FrameSplitter();
  readonly #waiting: Waiting[] = [];
  #versions: ReadonlyMap<number, number> = new Map();
  #lastId = 0;
  #silence: NodeJS.Timeout | undefined;
  #loss: BrokerError | undefined;

  private constructor(socket: Socket, address: BrokerAddress) {
    this.#socket = socket;
    this.#address = address;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (cause) => this.#lose(cause.message, cause));
    socket.on('close', () => this.#lose('it closed the connection'));
  }

  /** Throws BROKER_UNREACHABLE, BROKER_UNSUITABLE. */
  static async dial(address: BrokerAddress): Promise<WireConnection> {
    const connection = new WireConnection(await dial(address), address);
    try {
      await connection.#greet();
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Whether nothing can be asked any more. */
  get isLost(): boolean {
    return this.#loss !== undefined;
  }

  /** Whoever listens has to be a beck of the same version. Throws BROKER_UNSUITABLE, BROKER_UNREACHABLE. */
  async #greet(): Promise<void> {
    this.#versions = new Map([[apiVersions.key, 3]]);
    const late = setTimeout(() => this.#lose('it does not answer'), GREETING_MS).unref();
    const question = { clientSoftwareName: OWN_SOFTWARE, clientSoftwareVersion: processText(thisProcess()) };
    const greeting = await this.ask(apiVersions, question).catch((cause: BrokerError) => {
      throw this.#unheard(cause);
    });
    clearTimeout(late);
    this.#versions = new Map(greeting.apiKeys.map(({ apiKey, maxVersion }) => [apiKey, maxVersion]));
    if (greeting.errorCode !== 0 || this.#versions.get(call.key) !== call.versions[1])
      throw this.#unsuitable('the server there is of another version');
  }

  /** Who hangs up without a word may be a server that is just going away. */
  #unheard(cause: BrokerError): BrokerError {
    const problem = `${cause.details['problem'] ?? cause.message}`;
    if (this.#socket.bytesRead > 0) return this.#unsuitable(`what answers there is no broker (${problem})`);
    return new BrokerError('BROKER_UNREACHABLE', { broker: this.#address.name, problem }, { cause });
  }

  #unsuitable(problem: string): BrokerError {
    return new BrokerError('BROKER_UNSUITABLE', { broker: this.#address.name, problem });
  }

  /** Asks in the newest version that both know. Throws BROKER_LOST. */
  ask<Request extends Layout, Response extends Layout>(
    api: Api<Request, Response>,
    body: NewRequest<Api<Request, Response>>,
  ): Promise<ResponseOf<Api<Request, Response>>> {
    return new Promise((resolve, reject) => {
      const version = this.#send(api, body);
      const answered = (frame: Buffer): true => {
        resolve(decodeResponse(api, version, frame).body);
        return true;
      };
      this.#await({ api, version, answered, failed: reject });
    });
  }

  /** Calls a door by its name. Throws what it throws there; BROKER_LOST. */
  call(door: string, given: unknown, { onProgress, onPiece }: Listening = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const version = this.#send(call, { door, given: Buffer.from(JSON.stringify(given)) });
      const answered = (frame: Buffer): boolean => {
        const { kind, body } = decodeResponse(call, version, frame).body;
        const said: unknown = JSON.parse(body.toString());
        if (kind === CALL_ANSWER.progress) onProgress?.(...(said as Parameters<OnProgress>));
        else if (kind === CALL_ANSWER.piece) onPiece?.(said);
        else if (kind === CALL_ANSWER.error) reject(this.#said(said as { code: ErrorCode; details: ErrorDetails }));
        else resolve(said);
        return kind === CALL_ANSWER.result || kind === CALL_ANSWER.error;
      };
      this.#await({ api: call, version, answered, failed: reject });
    });
  }

  #said({ code, details }: { readonly code: ErrorCode; readonly details: ErrorDetails }): BrokerError {
    return new BrokerError(code, { broker: this.#address.name, ...details });
  }

  /** Nothing more is taken from the server until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Closes it, and resolves when the server has done what it does when a client leaves. */
  async leave(): Promise<void> {
    if (this.#loss !== undefined) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, GREETING_MS).unref();
      this.#socket.once('close', () => {
        clearTimeout(late);
        resolve();
      });
      this.#socket.end();
    });
    this.close();
  }

  close(): void {
    this.#lose('it was closed here');
  }

  /** Answers the version that it was sent in. */
  #send<Request extends Layout, Response extends Layout>(
    api: Api<Request, Response>,
    body: NewRequest<Api<Request, Response>>,
  ): number {
    if (this.#loss !== undefined) throw this.#loss;
    const version = Math.min(this.#versions.get(api.key) ?? 0, api.versions[1]);
    const pieces = encodeRequest(api, { version, correlationId: ++this.#lastId, clientId: `${process.pid}` }, body);
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    this.#socket.uncork();
    return version;
  }

  #await(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#watchSilence();
  }

  #watchSilence(): void {
    clearTimeout(this.#silence);
    const [next] = this.#waiting;
    if (next === undefined || next.api.key === call.key) return;
    this.#silence = setTimeout(() => this.#lose(`it has been silent for ${SILENT_MS / 1000} s`), SILENT_MS).unref();
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#splitter.push(chunk)) {
        const [next] = this.#waiting;
        if (next?.answered(frame) === true) this.#waiting.shift();
      }
    } catch (cause) {
      this.#lose('what it says makes no sense', cause);
    }
    this.#watchSilence();
  }

  #lose(problem: string, cause?: unknown): void {
    if (this.#loss !== undefined) return;
    this.#loss = new BrokerError('BROKER_LOST', { broker: this.#address.name, problem }, { cause });
    clearTimeout(this.#silence);
    this.#socket.destroy();
    for (const { failed } of this.#waiting.splice(0)) failed(this.#loss);
  }
}
