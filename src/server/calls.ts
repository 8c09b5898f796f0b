import type { Broker } from '../broker/broker.ts';
import type { Client } from './handler.ts';

/** A question of beck's own commands, by the name of the door that it is for. */
export interface Call {
  readonly door: string;
  readonly given: unknown;
  /** How much of how much is done. */
  onProgress(done: number, total: number, unit: string): void;
  /** Gives a part of a long answer; resolves when the next one may be given. */
  onPiece(piece: unknown): Promise<void>;
}

/** Answers with what JSON can say. Throws what the door throws, INVALID_REQUEST. */
export type AnswerCall = (call: Call) => Promise<unknown>;

/** Makes what answers the calls of one connection, until `signal` aborts. It stands above this room, with the whole of the client. */
export type OpenCalls = (broker: Broker, options: { allowUnsafeFs: boolean }, signal: AbortSignal) => AnswerCall;

/** What answers each client's calls, made when it first calls. */
export class Calls {
  readonly #open: (signal: AbortSignal) => AnswerCall;
  readonly #byClient = new WeakMap<Client, AnswerCall>();

  constructor(open: (signal: AbortSignal) => AnswerCall) {
    this.#open = open;
  }

  of(client: Client): AnswerCall {
    const known = this.#byClient.get(client) ?? this.#open(client.ending);
    this.#byClient.set(client, known);
    return known;
  }
}
