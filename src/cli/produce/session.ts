import type { Producer, ProduceTotals } from '../../client/cluster.ts';
import type { InputParser } from '../input/index.ts';
import type { InputChunk } from '../input/sources.ts';

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
    if (!parser.needsInput) {
      parser.end();
      return await producer.close();
    }
    for await (const { chunk, idle, end } of sources) {
      if (end) parser.end();
      else parser.push(chunk);
      await (idle ? producer.flush() : producer.ready());
    }
    return await producer.close();
  } catch (error) {
    await producer.close().catch(() => undefined);
    throw error;
  }
}
