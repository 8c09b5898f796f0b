import { setImmediate } from 'node:timers/promises';
import type { Cluster, ProduceOptions, Producer, ProduceTotals, TransactionalProducer } from '../../client/cluster.ts';
import type { Acks } from '../../types.ts';
import type { InputParser } from '../input/index.ts';
import type { InputChunk } from '../input/sources.ts';

/** One run of `produce`: who stores, and how all of an input is given to it. */
export interface Run {
  readonly producer: Producer;
  /** Answers what was written; whatever happens, the producer is closed. */
  write(sources: AsyncIterable<InputChunk>, parser: InputParser): Promise<ProduceTotals>;
}

/** Throws what `Cluster.produce` throws. */
export async function openRun(
  cluster: Cluster,
  options: Omit<ProduceOptions, 'acks'>,
  { txn, acks, interrupt }: { readonly txn: boolean; readonly acks: Acks; readonly interrupt: AbortSignal },
): Promise<Run> {
  if (txn) {
    const producer = await cluster.produceTransactionally(options);
    return { producer, write: (sources, parser) => produceTransaction(sources, parser, producer, interrupt) };
  }
  const producer = await cluster.produce({ ...options, acks });
  return { producer, write: (sources, parser) => produceAll(sources, parser, producer) };
}

/**
 * Gives an input to a producer, piece by piece. What has arrived when the input pauses is one commit; nobody lingers for
 * more. When the iteration is cut short (Ctrl-C) the records that came whole are stored, and a half line is not. A parser
 * that needs no input gets none.
 */
export async function produceAll(
  sources: AsyncIterable<InputChunk>,
  parser: InputParser,
  producer: Producer,
): Promise<ProduceTotals> {
  try {
    await giveAll(sources, parser, producer);
    return await producer.close();
  } catch (error) {
    await producer.close().catch(() => undefined);
    throw error;
  }
}

/**
 * As `produceAll`, in one transaction: when all of it has been given, none was refused and nobody has interrupted, it is committed;
 * else nothing is. What the totals answer is what was written.
 */
export async function produceTransaction(
  sources: AsyncIterable<InputChunk>,
  parser: InputParser,
  producer: TransactionalProducer,
  interrupt: AbortSignal,
): Promise<ProduceTotals> {
  try {
    await giveAll(sources, parser, producer);
    await producer.flush();
    await signalsHadTheirTurn();
    if (!interrupt.aborted && producer.totals.refused === 0) await producer.commit();
    return producer.totals;
  } finally {
    await producer.close();
  }
}

/**
 * Ctrl-C ends the program before us in a pipe too, and that end must not be taken for the input's. Both may have come in one turn of
 * the event loop, which reads a signal a turn after it has come.
 */
async function signalsHadTheirTurn(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await setImmediate();
}

async function giveAll(sources: AsyncIterable<InputChunk>, parser: InputParser, producer: Producer): Promise<void> {
  if (!parser.needsInput) return parser.end();
  for await (const { chunk, idle, end } of sources) {
    if (end) parser.end();
    else parser.push(chunk);
    await (idle ? producer.flush() : producer.ready());
  }
}
