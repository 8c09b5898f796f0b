/** Whole frames: a request or a response with its header and, when it is written, its length. */
import type { Api, NewRequest, NewResponse, RequestOf, ResponseOf } from './api.ts';
import { decode } from './decoder.ts';
import { encode } from './encoder.ts';
import { LENGTH_BYTES } from './frame.ts';
import { type OpenedRequest, readResponseHeader, writeRequestHeader, writeResponseHeader } from './header.ts';
import { Reader } from './reader.ts';
import type { Layout } from './schema.ts';
import { Writer } from './writer.ts';

/**
 * The body of a request that was opened as one of `api`. Bytes after it are ignored, as Kafka does.
 * @throws BrokerError MALFORMED_FRAME
 */
export function decodeRequest<Request extends Layout, Response extends Layout>(
  api: Api<Request, Response>,
  { apiVersion, frame, bodyAt }: Pick<OpenedRequest, 'apiVersion' | 'frame' | 'bodyAt'>,
): RequestOf<Api<Request, Response>> {
  return decode(api.request, apiVersion, new Reader(frame, `${api.request.name} ${apiVersion}`, bodyAt));
}

/** What a request is sent with. */
export interface RequestEnvelope {
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

/** A request, from its length on, in pieces for one gathering write. @throws BrokerError MALFORMED_FRAME as `encode` */
export function encodeRequest<Request extends Layout, Response extends Layout>(
  api: Api<Request, Response>,
  { version, correlationId, clientId }: RequestEnvelope,
  body: NewRequest<Api<Request, Response>>,
): Buffer[] {
  const writer = frameWriter(`${api.request.name} ${version}`);
  writeRequestHeader(api, { apiKey: api.key, apiVersion: version, correlationId, clientId }, writer);
  encode(api.request, version, body, writer);
  return finishFrame(writer);
}

/** A response, from its length on, in pieces for one gathering write. @throws BrokerError MALFORMED_FRAME as `encode` */
export function encodeResponse<Request extends Layout, Response extends Layout>(
  api: Api<Request, Response>,
  { version, correlationId }: Pick<RequestEnvelope, 'version' | 'correlationId'>,
  body: NewResponse<Api<Request, Response>>,
): Buffer[] {
  const writer = frameWriter(`${api.response.name} ${version}`);
  writeResponseHeader(api, version, correlationId, writer);
  encode(api.response, version, body, writer);
  return finishFrame(writer);
}

/** A response to a request that was sent in that version. @throws BrokerError MALFORMED_FRAME */
export function decodeResponse<Request extends Layout, Response extends Layout>(
  api: Api<Request, Response>,
  version: number,
  frame: Buffer,
): { readonly correlationId: number; readonly body: ResponseOf<Api<Request, Response>> } {
  const reader = new Reader(frame, `${api.response.name} ${version}`);
  const correlationId = readResponseHeader(api, version, reader);
  return { correlationId, body: decode(api.response, version, reader) };
}

function frameWriter(what: string): Writer {
  const writer = new Writer(what);
  writer.int32(0);
  return writer;
}

/** Pieces of a frame; its length, which is known only now, goes to the head of the first. */
function finishFrame(writer: Writer): Buffer[] {
  const pieces = writer.finish();
  (pieces[0] as Buffer).writeInt32BE(writer.length - LENGTH_BYTES, 0);
  return pieces;
}
