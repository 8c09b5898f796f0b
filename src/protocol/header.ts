import { type Api, isImplemented } from './api.ts';
import { apiByKey } from './messages/index.ts';
import { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** What stands before every request. */
export interface RequestHeader {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

/** A request whose header was read: what it asks for is known, its body is not looked at yet. */
export interface OpenedRequest extends RequestHeader {
  /** The API of `apiKey`; undefined where none has that key here. */
  readonly api: Api | undefined;
  /** Whether the body can be decoded: the API is known, and the version is one of those implemented. */
  readonly isKnown: boolean;
  readonly frame: Buffer;
  /** Where the body begins in `frame`. */
  readonly bodyAt: number;
}

/** ApiVersions' answer never has tags in its header: the client does not know yet what the broker speaks (KIP-511). */
const API_VERSIONS = 18;

/**
 * Reads a request's header (version 1, or 2 where the request is flexible; W8). Unknown keys and versions are no error here:
 * what they are answered with is the server's decision. A key nobody knows is read as one without flexible versions.
 * @throws BrokerError MALFORMED_FRAME
 */
export function openRequest(frame: Buffer): OpenedRequest {
  const reader = new Reader(frame, 'request header');
  const apiKey = reader.int16();
  const apiVersion = reader.int16();
  const correlationId = reader.int32();
  const clientLength = reader.length(false, 2);
  const clientId = clientLength < 0 ? null : reader.text(clientLength);
  const api = apiByKey(apiKey);
  const isKnown = api !== undefined && isImplemented(api, apiVersion);
  if (api && apiVersion >= api.flexible) skipTags(reader);
  return { apiKey, apiVersion, correlationId, clientId, api, isKnown, frame, bodyAt: reader.at };
}

export function writeRequestHeader(api: Api, header: RequestHeader, writer: Writer): void {
  writer.int16(api.key);
  writer.int16(header.apiVersion);
  writer.int32(header.correlationId);
  if (header.clientId === null) writer.int16(-1);
  else writer.text(header.clientId, false);
  if (header.apiVersion >= api.flexible) writer.uvarint(0);
}

/** Reads a response's header; returns its correlation id. @throws BrokerError MALFORMED_FRAME */
export function readResponseHeader(api: Api, version: number, reader: Reader): number {
  const correlationId = reader.int32();
  if (isResponseTagged(api, version)) skipTags(reader);
  return correlationId;
}

export function writeResponseHeader(api: Api, version: number, correlationId: number, writer: Writer): void {
  writer.int32(correlationId);
  if (isResponseTagged(api, version)) writer.uvarint(0);
}

function isResponseTagged(api: Api, version: number): boolean {
  return version >= api.flexible && api.key !== API_VERSIONS;
}

function skipTags(reader: Reader): void {
  for (let left = reader.uvarint(); left > 0; left--) {
    reader.uvarint();
    reader.skip(reader.uvarint());
  }
}
