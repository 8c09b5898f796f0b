import type { Broker } from '../../broker/broker.ts';
import { BrokerError } from '../../errors.ts';
import type { OnProgress } from '../cluster.ts';
import { EmbeddedCluster } from '../embedded/cluster.ts';
import { DOORS, type Door } from './doors.ts';
import { isObject, problemOf } from './shape.ts';

/** A call as it comes from another process. */
export interface IncomingCall {
  readonly door: string;
  readonly given: unknown;
  readonly onProgress: OnProgress;
  onPiece(piece: unknown): Promise<void>;
}

/**
 * Answers calls on a data directory that a server has opened, until `signal` aborts: what is being done then is INTERRUPTED. The
 * server closes its broker itself. Throws INVALID_REQUEST, and what the door throws.
 */
export function answerCalls(
  broker: Broker,
  { allowUnsafeFs }: { readonly allowUnsafeFs: boolean },
  signal: AbortSignal,
): (call: IncomingCall) => Promise<unknown> {
  const cluster = new EmbeddedCluster(broker, { allowUnsafeFs, signal });
  return async ({ door: name, given, onProgress, onPiece }) => {
    const door = Object.hasOwn(DOORS, name) ? (DOORS[name as keyof typeof DOORS] as unknown as Door) : undefined;
    if (door === undefined) throw new BrokerError('INVALID_REQUEST', { problem: `there is no door '${name}'` });
    const problem = isObject(given) ? problemOf(given, door.takes) : 'its arguments are no object';
    if (problem !== undefined) throw new BrokerError('INVALID_REQUEST', { problem: `${name}: ${problem}` });
    const answer = door.answer(cluster, given as never, { onProgress, signal });
    if (!isStream(answer)) return answer;
    for await (const piece of answer) await onPiece(piece);
    return undefined;
  };
}

function isStream(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
}
