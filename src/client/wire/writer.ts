import type { PartitionBatch } from '../../broker/broker.ts';
import { BrokerError, errorSaid } from '../../errors.ts';
import type { Appended } from '../../log/log.ts';
import type { NewRequest, ResponseOf } from '../../protocol/api.ts';
import { produce } from '../../protocol/messages/00-produce.ts';
import { recordCount } from '../../record/batch.ts';
import { PRODUCER_IN_FLIGHT } from '../../settings.ts';
import type { BatchWriter } from '../batch-writer.ts';
import type { BlockPool } from '../block-pool.ts';
import type { WireConnection } from './connection.ts';
import { isLoss, nothingKept } from './loss.ts';

type Answer = ResponseOf<typeof produce>['responses'][number]['partitionResponses'][number];
type Outcome = Appended | BrokerError;

/** One request: a batch a partition at the most, as Kafka wants it. */
interface Sending {
  readonly batches: readonly PartitionBatch[];
  readonly body: NewRequest<typeof produce>;
  readonly resolve: (outcomes: readonly Outcome[]) => void;
  readonly reject: (error: unknown) => void;
}

export interface WireWriterOptions {
  /** The connection to send over; another one after it was lost. */
  readonly connection: () => Promise<WireConnection>;
  /** Whether what was not answered may be sent again over another connection. */
  readonly mayRepeat: () => boolean;
  readonly topic: string;
  /** Whether it is answered when it survives power loss, or already when it survives the server. */
  readonly isDurable: boolean;
  readonly transactionalId: string | null;
  readonly blocks: BlockPool;
  /** Called before the first batch of a partition is sent: so that it is in the transaction. */
  readonly enlist?: ((topic: string, partitions: readonly number[]) => Promise<void>) | undefined;
}

/** How long a server may take to store a request (ms; Kafka's request.timeout.ms). */
const TIMEOUT_MS = 30_000;

/**
 * Sends batches to a server (Kafka's Produce), a few requests ahead of the answers. When the connection is lost before they are
 * answered, they are sent again over another one: each says whose it is and which, so what was stored already is not stored twice.
 */
export class WireWriter implements BatchWriter {
  readonly #options: WireWriterOptions;
  /** In the order of the calls; the first PRODUCER_IN_FLIGHT are on their way. */
  readonly #sending: Sending[] = [];
  #inFlight = 0;
  #failure: unknown;
  #driving: Promise<void> | undefined;

  constructor(options: WireWriterOptions) {
    this.#options = options;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  async write(batches: readonly PartitionBatch[]): Promise<readonly Outcome[]> {
    const bytes = batches.reduce((sum, { blob }) => sum + blob.length, 0);
    this.#inFlight += bytes;
    try {
      const outcomes = new Map<PartitionBatch, Outcome>();
      const sent = rounds(batches).map(async (round) => {
        for (const [i, outcome] of (await this.#send(round)).entries())
          outcomes.set(round[i] as PartitionBatch, outcome);
      });
      await Promise.all(sent);
      this.#options.blocks.giveBack(batches.map(({ blob }) => blob.buffer as ArrayBuffer));
      return batches.map((batch) => outcomes.get(batch) as Outcome);
    } finally {
      this.#inFlight -= bytes;
    }
  }

  async close(): Promise<void> {
    await this.#driving;
  }

  #send(batches: readonly PartitionBatch[]): Promise<readonly Outcome[]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#sending.push({ batches, body: this.#body(batches), resolve, reject });
      this.#driving ??= this.#drive().finally(() => {
        this.#driving = undefined;
      });
    });
  }

  #body(batches: readonly PartitionBatch[]): NewRequest<typeof produce> {
    const { topic: name, isDurable, transactionalId } = this.#options;
    const partitionData = batches.map(({ partition: index, blob: records }) => ({ index, records }));
    const acks = isDurable ? -1 : 1;
    return { transactionalId, acks, timeoutMs: TIMEOUT_MS, topicData: [{ name, partitionData }] };
  }

  /** Keeps some requests on their way until none is left; after a failure none is stored any more. */
  async #drive(): Promise<void> {
    const { connection: connect, mayRepeat } = this.#options;
    try {
      while (this.#sending.length > 0) {
        const connection = await connect();
        await this.#sendAll(connection).catch((error: unknown) => {
          if (!isLoss(error) || !mayRepeat()) throw error;
        });
      }
    } catch (error) {
      this.#failure = this.#options.transactionalId === null ? error : nothingKept(error);
      for (const { reject } of this.#sending.splice(0)) reject(this.#failure);
    }
  }

  /** What is answered is done; when the connection is lost the rest is not. */
  async #sendAll(connection: WireConnection): Promise<void> {
    const { topic, enlist } = this.#options;
    const asked: Promise<readonly Answer[]>[] = [];
    while (this.#sending.length > 0) {
      for (const { batches, body } of this.#sending.slice(asked.length, PRODUCER_IN_FLIGHT)) {
        const partitions = batches.map(({ partition }) => partition);
        await enlist?.(topic, partitions);
        const answer = connection.ask(produce, body).then(({ responses }) => responses[0]?.partitionResponses ?? []);
        answer.catch(() => undefined);
        asked.push(answer);
      }
      const answers = (await asked.shift()) as readonly Answer[];
      const done = this.#sending.shift() as Sending;
      done.resolve(done.batches.map((batch, i) => this.#outcome(batch, answers[i])));
    }
  }

  #outcome({ blob, partition }: PartitionBatch, answer: Answer | undefined): Outcome {
    const { topic, transactionalId } = this.#options;
    if (answer === undefined) return new BrokerError('BUG', { problem: 'a batch that was sent is not answered' });
    const { errorCode, errorMessage, baseOffset, logAppendTimeMs: appendTime, logStartOffset: logStart } = answer;
    if (errorCode !== 0) return errorSaid(errorCode, errorMessage, { topic, partition, id: transactionalId ?? '' });
    return { seq: null, baseOffset, lastOffset: baseOffset + recordCount(blob) - 1, logStart, appendTime };
  }
}

/** Of several batches of a partition, the first are in the first round, and so on. */
function rounds(batches: readonly PartitionBatch[]): PartitionBatch[][] {
  const found: PartitionBatch[][] = [];
  const depth = new Map<number, number>();
  for (const batch of batches) {
    const at = depth.get(batch.partition) ?? 0;
    depth.set(batch.partition, at + 1);
    const round = found[at];
    if (round === undefined) found.push([batch]);
    else round.push(batch);
  }
  return found;
}
