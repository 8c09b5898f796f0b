import type { X509Certificate } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { SOCKET_OPTIONS } from '../listener.ts';
import { ANONYMOUS } from '../security-protocol.ts';
import type { ServerLog } from '../server-log.ts';
import type { TlsMaterial } from './tls-files.ts';

export interface TlsDoor {
  readonly material: TlsMaterial;
  readonly handshakeMs: number;
  /** Where connections are while their handshake is not through, by where they come from. */
  readonly begun: Map<string, Socket>;
  readonly log: ServerLog;
  /** A client has come in; `principal` is whose certificate it has, in Kafka's words, or ANONYMOUS. */
  readonly take: (socket: Socket, principal: string) => void;
}

/** What OpenSSL says of bytes that are none of TLS. */
const NOT_TLS =
  /^ERR_SSL_(WRONG_VERSION_NUMBER|HTTP_REQUEST|HTTPS_PROXY_REQUEST|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL)$/;

/**
 * A server whose clients speak TLS, 1.2 at the least. Whose handshake fails, or takes too long, is cut off with a line in the log; a
 * connection that only comes and goes (somebody looks whether the port is open) is a note.
 */
export function createTlsServer({ material, handshakeMs, begun, log, take }: TlsDoor): Server {
  const { cert, key, ca, clientAuth } = material;
  const server = createServer({
    ...SOCKET_OPTIONS,
    cert,
    key,
    ca,
    minVersion: 'TLSv1.2',
    handshakeTimeout: handshakeMs,
    requestCert: clientAuth !== 'none',
    rejectUnauthorized: clientAuth === 'required',
  });
  server.on('connection', (socket: Socket) => {
    const from = originOf(socket);
    begun.set(from, socket);
    socket.once('close', () => begun.delete(from));
  });
  server.on('secureConnection', (socket) => {
    begun.delete(originOf(socket));
    const certificate = socket.getPeerX509Certificate();
    const mayCome = clientAuth === 'none' || (clientAuth === 'requested' && certificate === undefined);
    if (socket.authorized || mayCome) return take(socket, principalOf(certificate));
    socket.on('error', () => undefined);
    socket.destroy();
    log.warn(`a client from ${socket.remoteAddress} was cut off: ${problemOf(socket)}`);
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    const { remoteAddress } = socket;
    socket.destroy(); // Node leaves it open when the time is over
    const line = `a client${remoteAddress === undefined ? '' : ` from ${remoteAddress}`} was cut off: `;
    if (error.code === 'ECONNRESET' && problemOf(socket) === null) log.note(`${line}it left before TLS began`);
    else log.warn(line + whyOf(error, socket, handshakeMs));
  });
  return server;
}

function whyOf(error: NodeJS.ErrnoException, socket: TLSSocket, handshakeMs: number): string {
  if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return `its handshake of TLS takes longer than ${handshakeMs} ms`;
  if (NOT_TLS.test(error.code ?? '')) return 'it does not speak TLS, and this listener does';
  return problemOf(socket) ?? `TLS fails: ${'reason' in error ? error.reason : error.message}`;
}

/** What is wrong with a client's certificate; null: nothing is known to be. */
function problemOf({ authorizationError }: TLSSocket): string | null {
  if (!authorizationError) return null;
  return `its certificate is not accepted: ${authorizationError}`;
}

/** The subject of its certificate, as Kafka's DefaultKafkaPrincipalBuilder has it: the last part first. */
function principalOf(certificate: X509Certificate | undefined): string {
  return certificate === undefined ? ANONYMOUS : `User:${certificate.subject.split('\n').reverse().join(',')}`;
}

function originOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
