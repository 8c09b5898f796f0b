import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** Takes connections in on one address, or on the two of the loopback. */
export class Listener {
  readonly port: number;
  readonly #servers: readonly Server[];

  constructor(servers: readonly Server[], port: number) {
    this.#servers = servers;
    this.port = port;
  }

  /** Takes in no more. Connections that are there stay. */
  close(): void {
    for (const server of this.#servers) server.close();
  }
}

export type OnConnection = (socket: Socket) => void;

/** Half-open, because a client that sends and leaves is still answered. */
const OPTIONS = { allowHalfOpen: true, noDelay: true, keepAlive: true } as const;

/** Listens on one TCP address; port 0 is any free one. Rejects with Node's error. */
export async function listenTcp(host: string, port: number, onConnection: OnConnection): Promise<Listener> {
  const server = createServer(OPTIONS, onConnection);
  server.listen({ host, port });
  await once(server, 'listening');
  const address = server.address();
  return new Listener([server], typeof address === 'object' ? (address?.port ?? port) : port);
}
