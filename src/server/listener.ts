import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { BrokerError } from '../errors.ts';
import type { Address } from './cluster-view.ts';

export type OnConnection = (socket: Socket) => void;

/** Half-open, because a client that sends and leaves is still answered. */
export const SOCKET_OPTIONS = { allowHalfOpen: true, noDelay: true, keepAlive: true } as const;

/** How often another free port is tried when the one that IPv4 has is taken on IPv6. */
const TRIES = 50;

const LOOPBACK = { ipv4: '127.0.0.1', ipv6: '::1' } as const;

/** Takes connections in at one place, until it is closed; those that are there stay. */
export interface Listener {
  close(): void;
}

export interface TcpListener extends Listener {
  /** Numeric, with the port that it got. */
  readonly address: Address;
}

/** Whether only this machine can dial it. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1)$/.test(host);
}

/**
 * Listens on one address. The loopback is both of its families on one port: `localhost` is tried as ::1 first by many clients
 * and as 127.0.0.1 by others. Where ::1 is taken by somebody else, `warn` is told and 127.0.0.1 stands alone. Port 0 is any
 * free one. Throws ADDRESS_UNAVAILABLE.
 */
export async function listenTcp(
  { host, port }: Address,
  makeServer: () => Server,
  warn: (line: string) => void,
): Promise<TcpListener> {
  if (host !== 'localhost' && host !== LOOPBACK.ipv4 && host !== LOOPBACK.ipv6) {
    const server = await open({ host, port }, makeServer());
    return { address: { host, port: portOf(server) }, close: () => void server.close() };
  }
  for (let tries = 1; ; tries++) {
    const first = await open({ host: LOOPBACK.ipv4, port }, makeServer());
    const address = { host: LOOPBACK.ipv4, port: portOf(first) };
    const second = await open({ host: LOOPBACK.ipv6, port: address.port }, makeServer()).catch(codeOf);
    if (second === 'EADDRINUSE' && port === 0 && tries < TRIES) {
      await closed(first);
      continue;
    }
    if (second === 'EADDRINUSE') warn(`[::1]:${address.port} is taken by somebody else: only 127.0.0.1 is listened on`);
    const servers = typeof second === 'string' ? [first] : [first, second];
    return { address, close: () => servers.forEach((server) => void server.close()) };
  }
}

/** Listens on a path of the file system, which nothing has. Rejects with Node's error. */
export async function openSocket(path: string, onConnection: OnConnection): Promise<Server> {
  const server = createPlainServer(onConnection);
  server.listen({ path });
  await once(server, 'listening');
  return server;
}

/** A server whose clients speak Kafka's protocol as it is. */
export function createPlainServer(onConnection: OnConnection): Server {
  return createServer(SOCKET_OPTIONS, onConnection);
}

async function open(address: Address, server: Server): Promise<Server> {
  try {
    server.listen({ ...address, ipv6Only: address.host === LOOPBACK.ipv6 });
    await once(server, 'listening');
    return server;
  } catch (cause) {
    throw unavailable(address, cause as NodeJS.ErrnoException);
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'somebody else listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'only root may listen there',
  ENOTFOUND: 'nobody knows that name',
};

function unavailable({ host, port }: Address, cause: NodeJS.ErrnoException): BrokerError {
  const address = addressText({ host, port });
  const problem = PROBLEMS[cause.code ?? ''] ?? cause.message;
  return new BrokerError('ADDRESS_UNAVAILABLE', { address, problem }, { cause });
}

/** `127.0.0.1:9092`, `[::1]:9092` */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function codeOf(error: BrokerError): string {
  return (error.cause as NodeJS.ErrnoException).code ?? '';
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
