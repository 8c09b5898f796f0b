import { CODE } from './codes.ts';

/** There is one leader, from the beginning: every partition's leader epoch is this. */
export const LEADER_EPOCH = 0;

/** What Kafka answers when a client believes in another leader epoch (KIP-320); undefined when it may go on. -1: it does not say. */
export function leaderEpochProblem(epoch: number): number | undefined {
  if (epoch === LEADER_EPOCH || epoch === -1) return undefined;
  return epoch > LEADER_EPOCH ? CODE.UNKNOWN_LEADER_EPOCH : CODE.FENCED_LEADER_EPOCH;
}
