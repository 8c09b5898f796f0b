import type { NewResponse, RequestOf } from '../../protocol/api.ts';
import { offsetCommit } from '../../protocol/messages/08-offset-commit.ts';
import { CODE } from '../codes.ts';
import { codeOf, groupHandler } from '../group-handler.ts';
import type { RequestContext } from '../handler.ts';

type Request = RequestOf<typeof offsetCommit>;

/** Members of consumer groups commit from this version on (KIP-848). */
const EPOCHS_SINCE = 9;

/** Each offset by itself; those of partitions that there are not take nothing else with them. */
export const answerOffsetCommit = groupHandler(
  offsetCommit,
  (request, context) => {
    const { broker, members, client } = context;
    const asked = request.topics.flatMap(({ name, partitions }) => partitions.map((each) => ({ name, ...each })));
    const ids = asked.map(({ name, partitionIndex }) => idOf(name, partitionIndex, context));
    const known = asked.flatMap((each, i) => {
      const { committedOffset: offset, committedLeaderEpoch: leaderEpoch, committedMetadata } = each;
      const id = ids[i];
      return id === undefined ? [] : [{ id, offset, leaderEpoch, metadata: committedMetadata ?? '' }];
    });
    const results =
      known.length === 0 ? [] : broker.socketGroups.commit(request.groupId, committerOf(request, context), known);
    if (results.some(({ error }) => error === null)) members.heard(request.groupId, request.memberId, client);
    const next = results.values();
    const codes = ids.map((id) =>
      id === undefined ? CODE.UNKNOWN_TOPIC_OR_PARTITION : codeOf(next.next().value?.error ?? null),
    );
    return answer(request, () => codes.shift() as number);
  },
  (request, code) => answer(request, () => code),
);

function idOf(name: string, partition: number, { broker }: RequestContext): number | undefined {
  return broker.store.read(() => broker.catalogue.find(name))?.partitions[partition]?.id;
}

function committerOf(request: Request, { version }: RequestContext) {
  const { memberId, groupInstanceId: instanceId, generationIdOrMemberEpoch: generation } = request;
  return { memberId, instanceId, generation, knowsEpochs: version >= EPOCHS_SINCE, isTransactional: false };
}

function answer({ topics }: Request, code: () => number): NewResponse<typeof offsetCommit> {
  return {
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code() })),
    })),
  };
}
