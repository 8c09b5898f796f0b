import { setTimeout as pause } from 'node:timers/promises';
import { decodeRequest, encodeResponse } from '../../protocol/exchange.ts';
import { type OpenedRequest, openRequest } from '../../protocol/header.ts';
import { saslHandshake } from '../../protocol/messages/17-sasl-handshake.ts';
import { apiVersions } from '../../protocol/messages/18-api-versions.ts';
import { saslAuthenticate } from '../../protocol/messages/36-sasl-authenticate.ts';
import { AUTHENTICATION_FAILURE_MS } from '../../settings.ts';
import { type Authentication, AuthenticationRefused } from '../../user/authentication.ts';
import { CloseConnection } from '../close-connection.ts';
import { CODE } from '../codes.ts';
import type { ConnectionContext, Dispatch, Progress } from '../dispatch.ts';
import { beginAuthentication, SASL_MECHANISMS } from './mechanisms.ts';

/** After a handshake of version 0 tokens come without a request around them. */
interface Exchange {
  readonly mechanism: string;
  readonly authentication: Authentication;
  readonly isFramed: boolean;
}

/**
 * What a connection says before it is known whose it is, as Kafka's SaslServerAuthenticator has it: ApiVersions, SaslHandshake,
 * then tokens. Whoever fails is told after a moment, and leaves. ApiVersions may come again, which Kafka closes a connection for.
 */
export class Authenticator {
  readonly #dispatch: Dispatch;
  #exchange: Exchange | undefined;

  constructor(dispatch: Dispatch) {
    this.#dispatch = dispatch;
  }

  /** Who the client has proved to be; null: nobody yet. */
  get user(): string | null {
    return this.#exchange?.authentication.user ?? null;
  }

  /** By which it has done so. */
  get mechanism(): string {
    return this.#exchange?.mechanism ?? '';
  }

  /** The answer to one frame. Throws CloseConnection, BrokerError MALFORMED_FRAME, STORAGE_*: the connection is to be closed. */
  async answer(frame: Buffer, context: ConnectionContext, progress: Progress): Promise<readonly Buffer[] | null> {
    const exchange = this.#exchange;
    if (exchange === undefined) return this.#begin(frame, context, progress);
    return exchange.isFramed ? this.#takeRequest(frame, exchange) : this.#takeToken(frame, exchange);
  }

  async #begin(frame: Buffer, context: ConnectionContext, progress: Progress): Promise<readonly Buffer[] | null> {
    const opened = openRequest(frame);
    if (opened.apiKey === apiVersions.key) return this.#dispatch.answer(frame, context, progress);
    if (opened.apiKey !== saslHandshake.key || !opened.isKnown)
      throw new CloseConnection(`it asks for ${nameOf(opened)} before it has said who it is`);
    const { mechanism } = decodeRequest(saslHandshake, opened);
    const authentication = beginAuthentication(mechanism, context.broker.users);
    const errorCode = authentication === undefined ? CODE.UNSUPPORTED_SASL_MECHANISM : CODE.NONE;
    const { apiVersion: version, correlationId } = opened;
    const answer = { errorCode, mechanisms: SASL_MECHANISMS };
    const pieces = encodeResponse(saslHandshake, { version, correlationId }, answer);
    if (authentication === undefined)
      return fail(`there is no SASL mechanism ${JSON.stringify(mechanism)} here`, pieces);
    this.#exchange = { mechanism, authentication, isFramed: version >= 1 };
    return pieces;
  }

  async #takeRequest(frame: Buffer, { mechanism, authentication }: Exchange): Promise<Buffer[]> {
    const opened = openRequest(frame);
    const { apiVersion: version, correlationId, isKnown } = opened;
    const asked = nameOf(opened);
    if (opened.apiKey !== saslAuthenticate.key) {
      const message = `Unexpected Kafka request of type ${asked} during SASL authentication.`;
      return fail(`it asks for ${asked} before it has proved who it is`, this.#refuse(frame, message));
    }
    if (!isKnown) throw new CloseConnection(`there is no ${asked} ${version} here`);
    const { authBytes } = decodeRequest(saslAuthenticate, opened);
    const encode = (errorCode: number, errorMessage: string, token: Buffer) =>
      encodeResponse(saslAuthenticate, { version, correlationId }, { errorCode, errorMessage, authBytes: token });
    try {
      return encode(CODE.NONE, '', await authentication.next(authBytes));
    } catch (error) {
      if (!(error instanceof AuthenticationRefused)) throw error;
      const told =
        error.told ??
        `Authentication failed during authentication due to invalid credentials with SASL mechanism ${mechanism}`;
      return fail(whyOf(error, mechanism), encode(CODE.SASL_AUTHENTICATION_FAILED, told, Buffer.alloc(0)));
    }
  }

  /** Whoever fails so is told nothing: there is nothing that a token could be answered with. */
  async #takeToken(token: Buffer, { mechanism, authentication }: Exchange): Promise<Buffer[]> {
    try {
      const answer = await authentication.next(token);
      const length = Buffer.alloc(4);
      length.writeInt32BE(answer.length);
      return [length, answer];
    } catch (error) {
      if (!(error instanceof AuthenticationRefused)) throw error;
      return fail(whyOf(error, mechanism), null);
    }
  }

  #refuse(frame: Buffer, message: string): readonly Buffer[] | null {
    return this.#dispatch.refuse(frame, CODE.ILLEGAL_SASL_STATE, message);
  }
}

async function fail(why: string, lastWords: readonly Buffer[] | null): Promise<never> {
  await pause(AUTHENTICATION_FAILURE_MS);
  throw new CloseConnection(why, lastWords);
}

function whyOf({ message, user }: AuthenticationRefused, mechanism: string): string {
  return `it could not prove by ${mechanism} that it is ${user === null ? 'anybody' : JSON.stringify(user)}: ${message}`;
}

function nameOf({ api, apiKey }: OpenedRequest): string {
  return api?.name ?? `API ${apiKey}`;
}
