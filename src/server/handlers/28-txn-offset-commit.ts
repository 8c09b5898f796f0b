import type { Committing, SendingMember, TransactionRef } from '../../broker/transaction-coordinator.ts';
import type { NewResponse, RequestOf } from '../../protocol/api.ts';
import { txnOffsetCommit } from '../../protocol/messages/28-txn-offset-commit.ts';
import { CODE } from '../codes.ts';
import { reliable } from '../durability.ts';
import { attempt, Refusal } from '../error-code.ts';
import { handler, type RequestContext } from '../handler.ts';
import { identityOf } from '../transactional.ts';

type Request = RequestOf<typeof txnOffsetCommit>;

/** Each offset by itself; those of partitions that do not exist take nothing else with them. */
export const answerTxnOffsetCommit = handler(
  txnOffsetCommit,
  (request, context) => {
    const asked = offsetsOf(request, context);
    const known = asked.filter((each) => each !== undefined);
    const codes = commit(request, known, context).values();
    const each = asked.values();
    return answer(request, () =>
      each.next().value === undefined ? CODE.UNKNOWN_TOPIC_OR_PARTITION : (codes.next().value as number),
    );
  },
  (request, code) => answer(request, () => code),
);

/** In the order of the request. */
function offsetsOf({ topics }: Request, { broker }: RequestContext): (Committing | undefined)[] {
  return broker.store.read(() =>
    topics.flatMap(({ name, partitions }) => {
      const topic = broker.catalogue.find(name);
      return partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }) => {
        const id = topic?.partitions[partitionIndex]?.id;
        const offset = {
          offset: committedOffset,
          leaderEpoch: committedLeaderEpoch,
          metadata: committedMetadata ?? '',
        };
        return id === undefined ? undefined : { id, ...offset };
      });
    }),
  );
}

/** The number for each of them, in their order. */
function commit(request: Request, offsets: readonly Committing[], context: RequestContext): number[] {
  const { broker, cluster, client, settings } = context;
  const { groupId: group, transactionalId } = request;
  if (!cluster.coordinates(client.arrival, group)) return offsets.map(() => CODE.NOT_COORDINATOR);
  if (offsets.length === 0) return [];
  const ref: TransactionRef = { transactionalId, ...identityOf(request) };
  const results = attempt(() =>
    broker.transactions.commitOffsets(ref, group, memberOf(request), offsets, reliable(settings)),
  );
  if (results instanceof Refusal) return offsets.map(() => codeOf(results.code));
  return results.map(({ error }) => (error === null ? CODE.NONE : codeOf(CODE[error])));
}

/** Null: nobody whom the group has to know. */
function memberOf({ groupId: group, memberId, groupInstanceId, generationId }: Request): SendingMember | null {
  if (generationId < 0 && memberId === '' && groupInstanceId === null) return null;
  return { group, memberId, instanceId: groupInstanceId ?? undefined, generation: generationId };
}

/** As a group's coordinator says it, which knows no transactional ids, to a producer, which knows no epochs of members. */
const IN_ITS_WORDS: Readonly<Record<number, number>> = {
  [CODE.PRODUCER_FENCED]: CODE.INVALID_PRODUCER_EPOCH,
  [CODE.STALE_MEMBER_EPOCH]: CODE.ILLEGAL_GENERATION,
};

function codeOf(code: number): number {
  return IN_ITS_WORDS[code] ?? code;
}

function answer({ topics }: Request, next: () => number): NewResponse<typeof txnOffsetCommit> {
  return {
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: next() })),
    })),
  };
}
