import type { Socket } from 'node:net';
import { BrokerError } from '../errors.ts';
import type { Address, Arrival } from './cluster-view.ts';
import { addressText, isLoopback, type Listener, listenTcp } from './listener.ts';
import { listenUnix } from './socket-file.ts';

export interface DoorOptions {
  /** Where TCP clients come in. One for each node, or one for all of them, which then have its port and those behind it. */
  readonly listen: readonly Address[];
  /** Paths of a Unix socket, of which the first is taken that nobody answers on; null: none. */
  readonly sockets: readonly string[] | null;
  /** How many nodes a cluster is shown as. */
  readonly nodes: number;
  /** Whether other machines may come in although nobody asks who they are. */
  readonly insecure: boolean;
}

/** The places where clients come in. */
export interface Doors {
  /** Numeric, in the order of the nodes where there are several. */
  readonly addresses: readonly Address[];
  readonly socketPath: string | null;
  close(): void;
}

/** What is told on the Unix socket where there is no TCP: clients want something that looks like an address. */
const NOWHERE: Address = { host: 'localhost', port: 9092 };

/**
 * Opens all doors, or none. Throws USAGE, ADDRESS_UNAVAILABLE, SOCKET_UNAVAILABLE.
 */
export async function openDoors(
  options: DoorOptions,
  take: (socket: Socket, arrival: Arrival) => void,
  warn: (line: string) => void,
): Promise<Doors> {
  const open: Listener[] = [];
  const addresses: Address[] = [];
  const close = () => {
    for (const door of open) door.close();
  };
  try {
    for (const [i, asked] of oneForEachNode(options).entries()) {
      const node = options.nodes === 1 ? 1 : i + 1;
      const door = await listenTcp(asked, (socket) => take(socket, { node, address: dialled(socket) }), warn);
      open.push(door);
      addresses.push(door.address);
    }
    const arrival: Arrival = { node: null, address: addresses[0] ?? NOWHERE };
    const unix = options.sockets && (await openUnix(options.sockets, (socket) => take(socket, arrival)));
    if (unix) open.push(unix);
    return { addresses, socketPath: unix?.path ?? null, close };
  } catch (error) {
    close();
    throw error;
  }
}

function oneForEachNode({ listen, nodes, insecure }: DoorOptions): readonly Address[] {
  const open = listen.find(({ host }) => !isLoopback(host));
  if (open !== undefined && !insecure)
    throw new BrokerError('USAGE', {
      problem: `on ${addressText(open)} any machine that reaches this one could read and write`,
      hint: '--insecure says that you mean it; 127.0.0.1 is this machine alone',
    });
  if (nodes === 1 || listen.length === nodes) return listen;
  const [first] = listen;
  if (listen.length === 1 && first !== undefined)
    return Array.from({ length: nodes }, (_, i) => ({ ...first, port: first.port === 0 ? 0 : first.port + i }));
  throw new BrokerError('USAGE', {
    problem: `${nodes} nodes want one --listen or ${nodes} of them, not ${listen.length}`,
    hint: 'with one they have its port and those behind it',
  });
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
