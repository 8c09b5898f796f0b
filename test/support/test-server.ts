import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { answerCalls } from '../../src/client/calls/answer-calls.ts';
import type { Api, NewRequest, ResponseOf } from '../../src/protocol/api.ts';
import { decodeResponse, encodeRequest } from '../../src/protocol/exchange.ts';
import { FrameSplitter } from '../../src/protocol/frame.ts';
import type { Layout } from '../../src/protocol/schema.ts';
import { type Address, Server, type ServerOptions, type ServerSettings } from '../../src/server/server.ts';
import { problemsOf } from './problems-of.ts';
import { tempDir } from './temp-dir.ts';

type TestOptions = Partial<Omit<ServerOptions, 'settings'>> & { readonly settings?: Partial<ServerSettings> };

/** A server in this process, with a data directory of its own, which must be in order when the test ends. */
export class TestServer {
  readonly dir: string;
  readonly server: Server;
  /** What it had to say; notes too. */
  readonly said: string[];

  private constructor(dir: string, server: Server, said: string[]) {
    this.dir = dir;
    this.server = server;
    this.said = said;
  }

  static async start({ settings, ...options }: TestOptions = {}): Promise<TestServer> {
    const dir = options.dataDir ?? tempDir();
    const said: string[] = [];
    const say = (line: string) => void said.push(line);
    const log = { warn: say, note: say, isVerbose: true };
    const server = await Server.start({
      dataDir: dir,
      allowUnsafeFs: false,
      env: {},
      listen: [{ host: '127.0.0.1', port: 0 }],
      socket: null,
      nodes: 1,
      insecure: false,
      advertise: undefined,
      settings: { autoCreateTopics: true, numPartitions: 1, ephemeral: false, ...settings },
      log,
      calls: answerCalls,
      ...options,
    });
    onTestFinished(async () => {
      await server.stop();
      if (problemsOf(dir).length > 0) throw new Error(problemsOf(dir).join('\n'));
    });
    return new TestServer(dir, server, said);
  }

  /** A connection to one of its nodes. */
  connect(node = 1): Promise<TestClient> {
    return TestClient.dial(this.server.addresses[node - 1] as Address);
  }

  /** Asks one question on a connection of its own. */
  async ask<Request extends Layout, Response extends Layout>(
    api: Api<Request, Response>,
    version: number,
    body: NewRequest<Api<Request, Response>>,
  ): Promise<ResponseOf<Api<Request, Response>>> {
    const client = await this.connect();
    try {
      return await client.ask(api, version, body);
    } finally {
      client.close();
    }
  }
}

/** Somebody who speaks Kafka's protocol by hand. */
export class TestClient {
  readonly socket: Socket;
  readonly #splitter = new FrameSplitter();
  readonly #frames: Buffer[] = [];
  #look: () => void = () => undefined;
  #lastId = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#frames.push(...this.#splitter.push(chunk));
      this.#look();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#look());
  }

  static async dial(target: Address | { path: string }): Promise<TestClient> {
    const socket = connect(target);
    await once(socket, 'connect');
    const client = new TestClient(socket);
    onTestFinished(() => client.close());
    return client;
  }

  /** Sends a request; answers its correlation id. */
  send<Request extends Layout, Response extends Layout>(
    api: Api<Request, Response>,
    version: number,
    body: NewRequest<Api<Request, Response>>,
  ): number {
    const correlationId = ++this.#lastId;
    for (const piece of encodeRequest(api, { version, correlationId, clientId: 'test' }, body))
      this.socket.write(piece);
    return correlationId;
  }

  /** The next answer, as bytes without their length; null: the connection is closed. */
  async frame(): Promise<Buffer | null> {
    while (this.#frames.length === 0) {
      if (this.socket.closed) return null;
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
    return this.#frames.shift() as Buffer;
  }

  /** The next answer, which must be one to this API and version. */
  async receive<Request extends Layout, Response extends Layout>(
    api: Api<Request, Response>,
    version: number,
  ): Promise<{ correlationId: number; body: ResponseOf<Api<Request, Response>> }> {
    const frame = await this.frame();
    if (frame === null) throw new Error(`the connection was closed instead of a ${api.name} ${version} answer`);
    return decodeResponse(api, version, frame);
  }

  async ask<Request extends Layout, Response extends Layout>(
    api: Api<Request, Response>,
    version: number,
    body: NewRequest<Api<Request, Response>>,
  ): Promise<ResponseOf<Api<Request, Response>>> {
    const sent = this.send(api, version, body);
    const { correlationId, body: answer } = await this.receive(api, version);
    if (correlationId !== sent) throw new Error(`the answer to ${correlationId} came where one to ${sent} was due`);
    return answer;
  }

  close(): void {
    this.socket.destroy();
  }
}
