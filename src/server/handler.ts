import type { Broker } from '../broker/broker.ts';
import type { Woken } from '../broker/commit-watch.ts';
import type { Api, NewResponse, RequestOf } from '../protocol/api.ts';
import type { Layout } from '../protocol/schema.ts';
import type { ProcessId } from '../types.ts';
import type { Calls } from './calls.ts';
import type { Arrival, ClusterView } from './cluster-view.ts';
import type { Members } from './members.ts';
import type { OwnTransactions } from './own-transactions.ts';

/** What a server was told when it was started, as far as answers depend on it. */
export interface ServerSettings {
  /** Kafka's auto.create.topics.enable. */
  readonly autoCreateTopics: boolean;
  /** Kafka's num.partitions. */
  readonly numPartitions: number;
  /** Nothing need survive a power cut: the data goes with the server. */
  readonly ephemeral: boolean;
  /** ms after which a member whose connection was closed goes; null: when its session is over, as in Kafka. */
  readonly memberGraceMs?: number | null | undefined;
  /** ms that a client may take to prove who it is. */
  readonly authenticationMs?: number | undefined;
}

/** A client, which is a connection: it comes and leaves. */
export interface Client {
  /** Different for every connection of this server. */
  readonly id: number;
  readonly arrival: Arrival;
  /** The address it came from; empty on the Unix socket. */
  readonly host: string;
  /** Who it has proved to be, in Kafka's words: `User:alice`; ANONYMOUS where nobody asks. */
  readonly principal: string;
  /** Whether it is one of beck's own commands, on the Unix socket. */
  readonly isOwn: boolean;
  /** Of one of beck's own commands. */
  readonly process: ProcessId | null;
  /** Aborts when no more requests of it are taken: it leaves, or the server stops. */
  readonly ending: AbortSignal;
  /** As ApiVersions 3 and later name it. */
  introduce(name: string, version: string): void;
  /** Calls `fn` once, when the connection has closed; not when the server itself stops. */
  whenLeft(fn: () => void): void;
}

/** What a handler gets beside the request. */
export interface RequestContext {
  readonly broker: Broker;
  readonly cluster: ClusterView;
  readonly settings: ServerSettings;
  /** Which members of groups came by which clients. */
  readonly members: Members;
  readonly client: Client;
  /** What answers beck's own commands. */
  readonly calls: Calls;
  /** What beck's own commands have open. */
  readonly ownTransactions: OwnTransactions;
  /** As this request names it. */
  readonly clientId: string | null;
  /** Of this request. */
  readonly version: number;
  /** What is served here, in the order of keys. */
  readonly apis: readonly Api[];
  /**
   * Waits, `ms` at most, for a commit in one of these partitions (ids), or for any commit (null), or until the client leaves or
   * the server stops (`released`: answer at once with what there is). What follows on this connection waits too.
   */
  park(partitions: readonly number[] | null, ms: number): Promise<Woken>;
  /** Sends an answer before the last one, for an API that has several; resolves when the client has taken it. */
  tell(body: NewResponse<Api>): Promise<void>;
  /** Everything that this request does is done, but for its answer: the next one of its connection may begin. */
  applied(): void;
}

/** Null: there is no answer (acks 0). */
export type Answer<A extends Api> = NewResponse<A> | null;

/** How one API is served: a row of the table in apis.ts. */
export interface Handler<A extends Api = Api> {
  readonly api: A;
  /**
   * The answer to a request. Runs again from its beginning when the database was busy (STORAGE_BUSY): what it writes it writes
   * through one door of the broker, or so that doing it twice is the same. What it throws as a BrokerError goes to `refuse`;
   * `closeConnection` ends the connection.
   */
  answer(request: RequestOf<A>, context: RequestContext): Answer<A> | Promise<Answer<A>>;
  /** The answer that says of all that was asked for that it failed so. */
  refuse(request: RequestOf<A>, code: number, message: string): Answer<A>;
}

/** One row of the table; its types come from the API's layouts. */
export function handler<Request extends Layout, Response extends Layout>(
  api: Api<Request, Response>,
  answer: Handler<Api<Request, Response>>['answer'],
  refuse: Handler<Api<Request, Response>>['refuse'],
): Handler {
  return { api, answer, refuse } as unknown as Handler;
}
