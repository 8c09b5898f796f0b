import type { Server, Socket } from 'node:net';
import { TLS_HANDSHAKE_MS } from '../settings.ts';
import type { Address, Arrival } from './cluster-view.ts';
import { createPlainServer, type Listener, listenTcp } from './listener.ts';
import { type DoorPlan, type ListenAddress, planDoors } from './plan-doors.ts';
import { ANONYMOUS, SECURITY_PROTOCOLS } from './security-protocol.ts';
import type { ServerLog } from './server-log.ts';
import { listenUnix } from './socket-file.ts';

export type { ListenAddress };

export interface DoorOptions extends DoorPlan {
  /** Paths of a Unix socket, of which the first is taken that nobody answers on; null: none. */
  readonly sockets: readonly string[] | null;
  /** ms that a handshake of TLS may take. */
  readonly tlsHandshakeMs?: number | undefined;
  readonly log: ServerLog;
}

/** A client that has come in, how, and who it is as far as that tells, in Kafka's words. */
export type Arrived = [socket: Socket, arrival: Arrival, principal: string];

/** The places where clients come in. */
export interface Doors {
  /** Numeric, in the order of the nodes where there are several. */
  readonly addresses: readonly ListenAddress[];
  readonly socketPath: string | null;
  close(): void;
}

/** What is told on the Unix socket where there is no TCP: clients want something that looks like an address. */
const NOWHERE: Address = { host: 'localhost', port: 9092 };

/**
 * Opens all doors, or none. Throws USAGE, ADDRESS_UNAVAILABLE, SOCKET_UNAVAILABLE, INPUT_UNREADABLE, INVALID_CONFIG.
 */
export async function openDoors(options: DoorOptions, take: (...arrived: Arrived) => void): Promise<Doors> {
  const open: Listener[] = [];
  const addresses: ListenAddress[] = [];
  const begun = new Map<string, Socket>();
  const close = () => {
    for (const socket of begun.values()) socket.destroy();
    for (const door of open) door.close();
  };
  try {
    const planned = planDoors(options);
    const secure = await secureServers(options, begun);
    for (const [i, asked] of planned.entries()) {
      const { protocol } = asked;
      const node = options.nodes === 1 ? 1 : i + 1;
      const admit = (socket: Socket, principal = ANONYMOUS) =>
        take(socket, { node, address: dialled(socket), protocol }, principal);
      const makeServer = SECURITY_PROTOCOLS[protocol].hasTls ? secure : createPlainServer;
      const door = await listenTcp(asked, () => makeServer(admit), options.log.warn);
      open.push(door);
      addresses.push({ ...door.address, protocol });
    }
    const arrival: Arrival = { node: null, address: addresses[0] ?? NOWHERE, protocol: 'PLAINTEXT' };
    const unix = options.sockets && (await openUnix(options.sockets, (socket) => take(socket, arrival, ANONYMOUS)));
    if (unix) open.push(unix);
    return { addresses, socketPath: unix?.path ?? null, close };
  } catch (error) {
    close();
    throw error;
  }
}

type MakeServer = (admit: (socket: Socket, principal?: string) => void) => Server;

/** Makes servers that speak TLS; what they need is loaded and read where there is one. */
async function secureServers(options: DoorOptions, begun: Map<string, Socket>): Promise<MakeServer> {
  const { tls, log, tlsHandshakeMs: handshakeMs = TLS_HANDSHAKE_MS } = options;
  if (tls === undefined) return createPlainServer;
  const { readTlsFiles } = await import('./tls/tls-files.ts');
  const { createTlsServer } = await import('./tls/tls-server.ts');
  const material = readTlsFiles(tls, Date.now(), log.warn);
  return (admit) => createTlsServer({ material, handshakeMs, begun, log, take: admit });
}

async function openUnix(paths: readonly string[], take: (socket: Socket) => void) {
  for (const [i, path] of paths.entries()) {
    try {
      return await listenUnix(path, take);
    } catch (error) {
      const isTaken = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE';
      if (!isTaken || i === paths.length - 1) throw error;
    }
  }
  return null;
}

/** An IPv4 address as such, where a socket for both families says `::ffff:127.0.0.1`. */
function dialled({ localAddress = '', localPort = 0 }: Socket): Address {
  return { host: localAddress.replace(/^::ffff:(?=\d+\.)/, ''), port: localPort };
}
