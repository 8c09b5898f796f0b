/**
 * The server: Kafka's protocol on sockets, as one more door to a data directory.
 *
 * The room knows sockets, frames, which API is answered by which handler, and how a client is told of the cluster. It must not
 * know how a log, a group or a transaction works: a handler turns a request into questions to the broker, and answers into a
 * response.
 *
 * Invariants
 * V1  Requests of one connection are applied and answered one after the other, in their order; one that wants no answer gets none.
 * V2  Bytes that make no sense close their own connection, with one line in the log, and touch nothing else.
 * V3  What is advertised is what the table of handlers serves.
 * V4  Whatever is acknowledged has been committed as durably as was asked for.
 * V5  A parked request holds nothing but its connection; it is let go when its client leaves and when the server stops.
 */
import type { Socket } from 'node:net';
import { Broker } from '../broker/broker.ts';
import { CommitWatch } from '../broker/commit-watch.ts';
import { Housekeeping } from '../broker/housekeeping.ts';
import { blockingPatience } from '../broker/wait.ts';
import { locateDataDir, type Surroundings } from '../data-dir.ts';
import { topicIdText } from '../topic/topic-id.ts';
import { HANDLERS } from './apis.ts';
import { type Address, type Arrival, ClusterView } from './cluster-view.ts';
import { Connection } from './connection.ts';
import { Dispatch } from './dispatch.ts';
import type { ServerSettings } from './handler.ts';
import { type Listener, listenTcp } from './listener.ts';
import type { ServerLog } from './server-log.ts';

export interface ServerOptions extends Surroundings {
  /** `--data-dir` */
  readonly dataDir: string | undefined;
  readonly allowUnsafeFs: boolean;
  readonly listen: readonly Address[];
  readonly settings: ServerSettings;
  readonly log: ServerLog;
}

/** How long all clients wait for another process's write before the others go on and one is put off (`Dispatch`). */
const PATIENCE_MS = 10;

/** What the last bytes of an answer may take to leave when the server stops. */
const STOP_MS = 500;

export class Server {
  readonly #broker: Broker;
  readonly #options: ServerOptions;
  readonly #stopHousekeeping: () => Promise<void>;
  readonly #watch: CommitWatch;
  readonly #dispatch: Dispatch;
  readonly #connections = new Set<Connection>();
  readonly #listeners: Listener[] = [];
  #cluster: ClusterView | undefined;
  #lastId = 0;

  private constructor(broker: Broker, options: ServerOptions) {
    this.#broker = broker;
    this.#options = options;
    this.#watch = new CommitWatch(broker);
    this.#stopHousekeeping = new Housekeeping(broker).start();
    this.#dispatch = new Dispatch(HANDLERS, options.log);
  }

  /** Resolves when clients are answered. */
  static async start(options: ServerOptions): Promise<Server> {
    const dir = locateDataDir(options.dataDir, options);
    const { allowUnsafeFs } = options;
    const broker = Broker.open(dir, 'create', { allowUnsafeFs, patience: blockingPatience(PATIENCE_MS) });
    const server = new Server(broker, options);
    await server.#listen();
    return server;
  }

  /** The ports of the nodes, in the order of their ids. */
  get ports(): number[] {
    return this.#listeners.map(({ port }) => port);
  }

  async #listen(): Promise<void> {
    const { listen } = this.#options;
    const { store, catalogue } = this.#broker;
    for (const [i, { host, port }] of listen.entries())
      this.#listeners.push(await listenTcp(host, port, (socket) => this.#take(socket, i + 1)));
    const clusterId = topicIdText(store.read(() => catalogue.clusterId()));
    this.#cluster = new ClusterView({ clusterId, ports: this.ports });
  }

  #take(socket: Socket, node: number): void {
    const { settings, log } = this.#options;
    const address = { host: plainHost(socket.localAddress ?? ''), port: socket.localPort ?? 0 };
    const arrival: Arrival = { node, address };
    const connection = new Connection(socket, {
      id: ++this.#lastId,
      arrival,
      dispatch: this.#dispatch,
      watch: this.#watch,
      log,
      context: { broker: this.#broker, settings, cluster: this.#cluster as ClusterView },
    });
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }

  /** Answers in flight are finished; then every connection is closed. */
  async stop(): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    const open = [...this.#connections];
    for (const connection of open) connection.stop();
    const late = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy();
    }, STOP_MS);
    await Promise.all(open.map(({ closed }) => closed));
    clearTimeout(late);
    this.#watch.stop();
    await this.#stopHousekeeping();
    this.#broker.close();
  }
}

/** An IPv4 address as such, where a socket for both families says `::ffff:127.0.0.1`. */
function plainHost(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
