import type { GivenTo } from '../calls/doors.ts';
import type { DumpedBatch } from '../cluster.ts';
import type { Line } from './line.ts';

/** So many pieces may wait to be looked at; then the server waits. */
const MOST_WAITING = 8;

/** As `Cluster.dump`, piece by piece as they are looked at. Whoever stops looking ends it. */
export async function* dumpFrom(line: Line, question: GivenTo<'dump'>): AsyncGenerator<readonly DumpedBatch[]> {
  const pieces: (readonly DumpedBatch[])[] = [];
  const connection = await line.connection();
  const over = new AbortController();
  let wake: () => void = () => undefined;
  let isDone = false;
  const onPiece = (piece: unknown): void => {
    pieces.push(piece as readonly DumpedBatch[]);
    if (pieces.length >= MOST_WAITING) connection.pause();
    wake();
  };
  const signal = AbortSignal.any([line.signal, over.signal]);
  const answered = line.call('dump', question, { onPiece, signal }).finally(() => {
    isDone = true;
    wake();
  });
  answered.catch(() => undefined);
  try {
    for (;;) {
      const piece = pieces.shift();
      if (piece !== undefined) {
        connection.resume();
        yield piece;
      } else if (isDone) break;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    await answered;
  } finally {
    if (!isDone) over.abort();
  }
}
