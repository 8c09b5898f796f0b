/**
 * The server: Kafka's protocol on sockets, as one more door to a data directory.
 *
 * The room knows sockets, frames, which API is answered by which handler, and how a client is told of the cluster. It must not
 * know how a log, a group or a transaction works: a handler turns a request into questions to the broker, and answers into a
 * response.
 *
 * Invariants
 * V1  Requests of one connection are applied one after the other and answered in their order; one that wants no answer gets none.
 * V2  Bytes that make no sense close their own connection, with one line in the log, and touch nothing else.
 * V3  What is advertised is what the table of handlers serves; beck's own API to beck alone, on the Unix socket.
 * V4  Whatever is acknowledged has been committed as durably as was asked for.
 * V5  A parked request holds nothing but its connection; it is let go when its client leaves and when the server stops.
 * V6  A socket that somebody answers on is not taken over, a file that is no socket is not touched, and none is left behind.
 * V7  Where it is asked who a client is, nothing is done for it before it has proved that but to say which APIs there are.
 */
import { Broker } from '../broker/broker.ts';
import { CommitWatch } from '../broker/commit-watch.ts';
import { Housekeeping } from '../broker/housekeeping.ts';
import { blockingPatience } from '../broker/wait.ts';
import type { Surroundings } from '../data-dir.ts';
import { topicIdText } from '../topic/topic-id.ts';
import { HANDLERS } from './apis.ts';
import { Calls, type OpenCalls } from './calls.ts';
import { type Address, ClusterView } from './cluster-view.ts';
import { Connection } from './connection.ts';
import { Dispatch } from './dispatch.ts';
import { type Arrived, type DoorOptions, type Doors, type ListenAddress, openDoors } from './doors.ts';
import { sweepGroups } from './group-sweep.ts';
import type { ServerSettings } from './handler.ts';
import { addressText } from './listener.ts';
import { Members } from './members.ts';
import { OwnTransactions } from './own-transactions.ts';
import { Authenticator } from './sasl/authenticator.ts';
import { SECURITY_PROTOCOLS } from './security-protocol.ts';
import type { ServerLog } from './server-log.ts';
import { socketPath } from './socket-path.ts';
import type { TlsFiles } from './tls/tls-files.ts';
import { sweepTransactions } from './transaction-sweep.ts';

export type { Address, ListenAddress, OpenCalls, ServerLog, ServerSettings, TlsFiles };

export interface ServerOptions extends Omit<DoorOptions, 'sockets'>, Pick<Surroundings, 'env'> {
  /** Absolute; made where it is missing. */
  readonly dataDir: string;
  readonly allowUnsafeFs: boolean;
  /** A path of a Unix socket; `own`: that of the data directory; null: none. */
  readonly socket: string | 'own' | null;
  /** What clients are told instead of the address that they dialled. */
  readonly advertise: Address | undefined;
  readonly settings: ServerSettings;
  /** What answers beck's own commands. */
  readonly calls: OpenCalls;
}

/** How long all clients wait for another process's write before the others go on and one is put off (`Dispatch`). */
const PATIENCE_MS = 10;

/** What the last bytes of an answer may take to leave when the server stops. */
const STOP_MS = 500;

export class Server {
  readonly #broker: Broker;
  readonly #options: ServerOptions;
  readonly #watch: CommitWatch;
  readonly #dispatch: Dispatch;
  readonly #members: Members;
  readonly #calls: Calls;
  readonly #ownTransactions: OwnTransactions;
  readonly #connections = new Set<Connection>();
  readonly #clusterId: string;
  #doors: Doors = { addresses: [], socketPath: null, close: () => undefined };
  #cluster: ClusterView;
  #stopHousekeeping: (() => Promise<void>) | undefined;
  #stopSweeping: readonly (() => void)[] = [];
  #lastId = 0;

  private constructor(broker: Broker, options: ServerOptions) {
    this.#broker = broker;
    this.#options = options;
    this.#watch = new CommitWatch(broker);
    this.#dispatch = new Dispatch(HANDLERS, options.log);
    this.#members = new Members(broker, options.settings.memberGraceMs);
    this.#ownTransactions = new OwnTransactions(broker);
    this.#calls = new Calls((signal) => options.calls(broker, options, signal));
    this.#clusterId = topicIdText(broker.store.read(() => broker.catalogue.clusterId()));
    this.#cluster = this.#view([]);
  }

  /** Resolves when clients are answered. Throws STORAGE_*, USAGE, ADDRESS_UNAVAILABLE, SOCKET_UNAVAILABLE. */
  static async start(options: ServerOptions): Promise<Server> {
    const { allowUnsafeFs } = options;
    const broker = Broker.open(options.dataDir, 'create', { allowUnsafeFs, patience: blockingPatience(PATIENCE_MS) });
    const server = new Server(broker, options);
    try {
      server.#stopHousekeeping = new Housekeeping(broker).start();
      server.#stopSweeping = [sweepTransactions(broker), sweepGroups(broker)];
      await server.#open();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Where TCP clients come in, numeric, in the order of the nodes where there are several. */
  get addresses(): readonly ListenAddress[] {
    return this.#doors.addresses;
  }

  /** For `bootstrap.servers`: those that speak as the first one does; null where there is no TCP. */
  get bootstrap(): string | null {
    const [first] = this.addresses;
    const alike = this.addresses.filter(({ protocol }) => protocol === first?.protocol);
    return first === undefined ? null : alike.map(addressText).join(',');
  }

  /** As Kafka writes listeners: `SASL_SSL://127.0.0.1:9093`, in the order in which they were asked for. */
  get listeners(): readonly string[] {
    return this.addresses.map((address) => `${address.protocol}://${addressText(address)}`);
  }

  get socketPath(): string | null {
    return this.#doors.socketPath;
  }

  async #open(): Promise<void> {
    const { socket, dataDir } = this.#options;
    const own = [socketPath(dataDir, this.#options), socketPath(dataDir, this.#options, process.pid)];
    const sockets = socket === 'own' ? own : socket === null ? null : [socket];
    const early: Arrived[] = [];
    let take = (...arrived: Arrived): unknown => early.push(arrived);
    this.#doors = await openDoors({ ...this.#options, sockets }, (...arrived) => take(...arrived));
    this.#cluster = this.#view(this.addresses.map(({ port }) => port));
    this.#wantUsers();
    take = (...arrived) => this.#take(...arrived);
    for (const arrived of early) this.#take(...arrived);
  }

  #wantUsers(): void {
    const asksWho = this.addresses.some(({ protocol }) => SECURITY_PROTOCOLS[protocol].hasSasl);
    if (asksWho && this.#broker.users.list().length === 0)
      this.#options.log.warn('SASL lets nobody in yet: `beck user add NAME` makes a user');
  }

  #view(ports: readonly number[]): ClusterView {
    const { nodes, advertise } = this.#options;
    const advertisedFor = this.addresses[0]?.protocol ?? 'PLAINTEXT';
    const shown = nodes === 1 || ports.length === 0 ? ports.slice(0, 1) : ports;
    return new ClusterView({
      clusterId: this.#clusterId,
      ports: shown.length === 0 ? [0] : shown,
      advertise,
      advertisedFor,
    });
  }

  #take(...[socket, arrival, principal]: Arrived): void {
    const { settings, log } = this.#options;
    const { hasSasl } = SECURITY_PROTOCOLS[arrival.protocol];
    const connection = new Connection(socket, {
      id: ++this.#lastId,
      arrival,
      principal,
      authenticator: hasSasl ? new Authenticator(this.#dispatch) : null,
      dispatch: this.#dispatch,
      watch: this.#watch,
      log,
      context: {
        broker: this.#broker,
        settings,
        members: this.#members,
        calls: this.#calls,
        ownTransactions: this.#ownTransactions,
        cluster: this.#cluster,
      },
    });
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }

  /** Answers in flight are finished; then every connection is closed. */
  async stop(): Promise<void> {
    this.#doors.close();
    const open = [...this.#connections];
    for (const connection of open) connection.stop();
    const late = setTimeout(() => {
      for (const connection of open) connection.destroy();
    }, STOP_MS);
    await Promise.all(open.map(({ closed }) => closed));
    clearTimeout(late);
    this.#watch.stop();
    this.#members.stop();
    this.#ownTransactions.stop();
    for (const stop of this.#stopSweeping) stop();
    await this.#stopHousekeeping?.();
    this.#broker.close();
  }
}
