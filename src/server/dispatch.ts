import { setTimeout as pause } from 'node:timers/promises';
import { monotonic } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import type { Api, NewResponse, RequestOf } from '../protocol/api.ts';
import { decodeRequest, encodeResponse } from '../protocol/exchange.ts';
import { type OpenedRequest, openRequest } from '../protocol/header.ts';
import { apiVersions } from '../protocol/messages/18-api-versions.ts';
import { BUSY_DEADLINE_MS } from '../settings.ts';
import { CloseConnection } from './close-connection.ts';
import { CODE, codeName } from './codes.ts';
import { errorCode, errorCodes } from './error-code.ts';
import type { Answer, Handler, RequestContext } from './handler.ts';
import type { ServerLog } from './server-log.ts';

/** What of a context is the same for all requests of a connection. */
export type ConnectionContext = Omit<RequestContext, 'clientId' | 'version' | 'apis' | 'applied' | 'tell'>;

/** How a request is told of, while it is being answered. */
export interface Progress {
  /** As in RequestContext. */
  readonly applied: () => void;
  /** Sends an answer before the last one. */
  readonly early: (pieces: readonly Buffer[]) => Promise<void>;
}

/** From a request's bytes to its answer's: finds the handler, decodes, answers, encodes; errors become codes. */
export class Dispatch {
  readonly #handlers: ReadonlyMap<number, Handler>;
  readonly #apis: RequestContext['apis'];
  readonly #log: ServerLog;

  constructor(handlers: readonly Handler[], log: ServerLog) {
    this.#handlers = new Map(handlers.map((handler) => [handler.api.key, handler]));
    this.#apis = handlers.map(({ api }) => api);
    this.#log = log;
  }

  /**
   * The answer to one frame, in pieces for one gathering write; null where there is none.
   * @throws BrokerError MALFORMED_FRAME, CloseConnection: the connection is to be closed
   */
  async answer(frame: Buffer, context: ConnectionContext, { applied, early }: Progress): Promise<Buffer[] | null> {
    const opened = openRequest(frame);
    const { apiKey, apiVersion, correlationId, clientId } = opened;
    const served = this.#handlers.get(apiKey);
    if (served === undefined) throw new CloseConnection(`there is no API ${apiKey} here`);
    if (!opened.isKnown) return this.#refuseVersion(served, opened);
    const request = decodeRequest(served.api, opened);
    const envelope = { version: apiVersion, correlationId };
    const tell = (body: NewResponse<Api>) => early(encodeResponse(served.api, envelope, body));
    const all = { ...context, clientId, version: apiVersion, apis: this.#apis, applied, tell };
    const body = await this.#ask(served, request, all);
    if (this.#log.isVerbose) this.#noteRefusals(served, all, body);
    return body === null ? null : encodeResponse(served.api, envelope, body);
  }

  /**
   * The answer to one frame that says of all that was asked for that it failed so; null where there is none.
   * @throws BrokerError MALFORMED_FRAME
   */
  refuse(frame: Buffer, code: number, message: string): Buffer[] | null {
    const opened = openRequest(frame);
    const served = this.#handlers.get(opened.apiKey);
    if (served === undefined || !opened.isKnown) return null;
    const body = served.refuse(decodeRequest(served.api, opened), code, message);
    const { apiVersion: version, correlationId } = opened;
    return body === null ? null : encodeResponse(served.api, { version, correlationId }, body);
  }

  /** Only ApiVersions is answered in a version that is not known: in version 0, so that the client can choose (KIP-511). */
  #refuseVersion({ api }: Handler, { apiVersion, correlationId }: OpenedRequest): Buffer[] {
    if (api.key !== apiVersions.key) throw new CloseConnection(`there is no ${api.name} ${apiVersion} here`);
    const [minVersion, maxVersion] = api.advertised;
    const apiKeys = [{ apiKey: api.key, minVersion, maxVersion }];
    return encodeResponse(apiVersions, { version: 0, correlationId }, { errorCode: CODE.UNSUPPORTED_VERSION, apiKeys });
  }

  async #ask(served: Handler, request: RequestOf<Api>, context: RequestContext): Promise<Answer<Handler['api']>> {
    try {
      return await patiently(() => served.answer(request, context));
    } catch (error) {
      if (error instanceof CloseConnection) throw error;
      this.#note(served, context, error);
      return served.refuse(request, errorCode(error), error instanceof BrokerError ? error.message : '');
    }
  }

  #noteRefusals({ api }: Handler, { version, client, clientId }: RequestContext, body: unknown): void {
    const codes = [...new Set(errorCodes(body))].map(codeName);
    if (codes.length > 0)
      this.#log.note(`${api.name} ${version} of client ${client.id} (${clientId ?? 'nameless'}): ${codes.join(', ')}`);
  }

  #note({ api }: Handler, { version, client }: RequestContext, error: unknown): void {
    const what = `${api.name} ${version} of client ${client.id}`;
    if (error instanceof BrokerError) this.#log.note(`${what}: ${error.message}`);
    else this.#log.warn(`${what}: ${error instanceof Error ? error.stack : String(error)}`);
  }
}

/** Others' writes are waited for without keeping anybody else waiting: the whole request runs again, between other clients' ones. */
async function patiently<T>(attempt: () => T | Promise<T>): Promise<T> {
  const until = monotonic() + BUSY_DEADLINE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const isBusy = error instanceof BrokerError && error.code === 'STORAGE_BUSY';
      if (!isBusy || monotonic() >= until) throw error;
      await pause(0.5 + Math.random());
    }
  }
}
