import { setTimeout as pause } from 'node:timers/promises';
import { monotonic } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';
import type { Api, NewRequest, ResponseOf } from '../../protocol/api.ts';
import type { Layout } from '../../protocol/schema.ts';
import { REDIAL_MS, REDIAL_PAUSE_MS } from '../../settings.ts';
import type { AnswerOf, DoorName, GivenTo } from '../calls/doors.ts';
import type { BrokerAddress } from './broker-address.ts';
import { type Listening, WireConnection } from './connection.ts';

/** A connection to a server, and another one when it was lost: for REDIAL_MS a server that went may come back. */
export class Line {
  readonly address: BrokerAddress;
  /** Of the command: an interrupt ends what is waited for. */
  readonly signal: AbortSignal;
  #connection: WireConnection | undefined;
  #dialing: Promise<WireConnection> | undefined;
  #isClosed = false;
  readonly #others: Line[] = [];

  constructor(address: BrokerAddress, signal: AbortSignal) {
    this.address = address;
    this.signal = signal;
  }

  /** Another one to the same server, which closes with this one. */
  another(): Line {
    const line = new Line(this.address, this.signal);
    this.#others.push(line);
    return line;
  }

  /** The connection, dialled once where there is none. Throws BROKER_UNREACHABLE, BROKER_UNSUITABLE. */
  async connection(): Promise<WireConnection> {
    if (this.#connection?.isLost === false) return this.#connection;
    this.#dialing ??= WireConnection.dial(this.address).finally(() => {
      this.#dialing = undefined;
    });
    const connection = await this.#dialing;
    if (this.#isClosed) connection.close();
    this.#connection = connection;
    return connection;
  }

  /** As `connection`, for as long as a server may take to come back. Throws INTERRUPTED, BROKER_LOST, BROKER_UNSUITABLE. */
  async patiently(): Promise<WireConnection> {
    const until = monotonic() + REDIAL_MS;
    for (;;) {
      try {
        return await this.connection();
      } catch (error) {
        const mayCome = error instanceof BrokerError && error.code === 'BROKER_UNREACHABLE' && !this.#isClosed;
        if (!mayCome) throw error;
        if (monotonic() >= until) throw this.#lost(error);
        await pause(REDIAL_PAUSE_MS, undefined, { signal: this.signal }).catch(() => {
          throw new BrokerError('INTERRUPTED');
        });
      }
    }
  }

  /** Asks what may be asked twice: again when the server went away before its answer. Throws as `patiently`, BROKER_LOST. */
  async ask<Request extends Layout, Response extends Layout>(
    api: Api<Request, Response>,
    body: NewRequest<Api<Request, Response>>,
  ): Promise<ResponseOf<Api<Request, Response>>> {
    for (;;) {
      const connection = await this.patiently();
      try {
        return await connection.ask(api, body);
      } catch (error) {
        if (!(error instanceof BrokerError) || error.code !== 'BROKER_LOST' || this.#isClosed) throw error;
        if (this.signal.aborted) throw new BrokerError('INTERRUPTED', {}, { cause: error });
      }
    }
  }

  /**
   * Calls a door. When `signal` aborts nobody waits any more; the server ends what it does at its next step. Throws what the door
   * throws, INTERRUPTED, BROKER_LOST, BROKER_UNREACHABLE, BROKER_UNSUITABLE.
   */
  async call<Name extends DoorName>(
    door: Name,
    given: GivenTo<Name>,
    { signal = this.signal, ...listening }: Listening & { readonly signal?: AbortSignal } = {},
  ): Promise<AnswerOf<Name>> {
    const connection = await this.patiently();
    const hangUp = (): void => connection.close();
    signal.addEventListener('abort', hangUp, { once: true });
    try {
      return (await connection.call(door, given, listening)) as AnswerOf<Name>;
    } catch (error) {
      if (signal.aborted) throw new BrokerError('INTERRUPTED', {}, { cause: error });
      throw error;
    } finally {
      signal.removeEventListener('abort', hangUp);
    }
  }

  #lost(cause: BrokerError): BrokerError {
    const problem = `it did not come back within ${REDIAL_MS / 1000} s; ${cause.details['problem']}`;
    return new BrokerError('BROKER_LOST', { broker: this.address.name, problem }, { cause });
  }

  close(): void {
    this.#isClosed = true;
    for (const line of this.#others) line.close();
    this.#connection?.close();
  }
}
