import type { ErrorCode } from '../../errors.ts';
import type { JoinAnswer } from './join.ts';

/** What a request came to. */
export interface Outcome<Answer> {
  /** Null: it waits. */
  readonly answer: Answer | null;
  /** While it waits: ms after which to ask again at the latest. */
  readonly againIn: number;
  /** Others who wait are to ask again. */
  readonly changed: boolean;
}

export interface JoinOutcome extends Outcome<JoinAnswer> {
  /** Under this id it is asked for again; "" where it has none. */
  readonly memberId: string;
}

/** Kafka's HeartbeatRequest. */
export interface BeatRequest {
  readonly group: string;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
}

export interface BeatOutcome {
  /** Why it is not well with the member; null: it is. */
  readonly error: ErrorCode | null;
  readonly changed: boolean;
}

export interface LeaveOutcome {
  /** In the order in which they were named; null: it has left. */
  readonly refusals: readonly (ErrorCode | null)[];
  readonly changed: boolean;
}

export function outcomeOf<Answer>(answer: Answer, changed = false): Outcome<Answer> {
  return { answer, againIn: 0, changed };
}
