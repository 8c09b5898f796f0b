import type { ErrorCode } from '../../errors.ts';
import type { Store } from '../../store/store.ts';
import type { Topics } from '../../topic/topics.ts';
import { ensureGroup } from '../find-member.ts';
import type { Surroundings } from '../membership.ts';
import { memberRefusal } from '../refusal-by-rows.ts';
import { GroupRows } from '../rows.ts';
import { type CommitResult, type Committing, commitOffsets } from './commit-offsets.ts';
import { type Committer, judgeCommitter, type Verdict } from './committer.ts';
import type { PlacedOffset } from './rows.ts';

/** How far groups have come, as clients behind sockets say and ask it. */
export class GroupOffsets {
  readonly #rows: GroupRows;
  readonly #topics: Topics;

  constructor(store: Store, topics: Topics) {
    this.#rows = new GroupRows(store);
    this.#topics = topics;
  }

  /** Whether one may commit at all. Reads only. */
  judge(name: string, who: Committer): Verdict {
    return judgeCommitter(this.#rows, this.#rows.group(name), who);
  }

  /**
   * Stores what may be stored, each offset judged by itself; a commit is a heartbeat too. Who may not commit is told so for every
   * partition. Inside the caller's `store.write`. Throws INVALID_GROUP_ID.
   */
  commit(name: string, who: Committer, offsets: readonly Committing[], { now }: Surroundings): CommitResult[] {
    const { error, owner } = this.judge(name, who);
    if (error !== null) return offsets.map(({ id }) => ({ id, error }));
    const group = ensureGroup(this.#rows, name, this.#topics.version(), now);
    this.#rows.members.beat(group.id, who.memberId, now);
    const results = commitOffsets(this.#rows, group.id, owner, offsets, now);
    const isClassic = owner !== null && this.#rows.members.find(group.id, owner)?.socket?.classic != null;
    return results.map((result) => (isClassic ? { ...result, error: asClassic(result.error) } : result));
  }

  /** What is committed, by topic and number; of a group that there is not, nothing. Reads only. */
  committed(name: string): PlacedOffset[] {
    const group = this.#rows.group(name);
    return group === undefined ? [] : this.#rows.offsets.placed(group.id);
  }

  /**
   * Why one who says that it is this member is not answered; null: it is. Who says nothing is answered; so is a classic member
   * that says no epoch, which Kafka refuses (@platformatic/kafka says none). Reads only.
   */
  refusalOfFetch(name: string, memberId: string | null, epoch: number): ErrorCode | null {
    const group = this.#rows.group(name);
    if (group?.type !== 'consumer' || (memberId === null && epoch < 0)) return null;
    const id = memberId ?? '';
    const refusal = memberRefusal(this.#rows, group, { memberId: id, instanceId: null });
    if (refusal !== null) return refusal;
    const member = this.#rows.members.find(group.id, id);
    if (member?.epoch === epoch) return null;
    if (!member?.socket?.classic) return 'STALE_MEMBER_EPOCH';
    return epoch < 0 ? null : 'ILLEGAL_GENERATION';
  }
}

/** A classic client knows nothing of epochs; of another generation it knows what to do. */
function asClassic(error: ErrorCode | null): ErrorCode | null {
  return error === 'STALE_MEMBER_EPOCH' ? 'ILLEGAL_GENERATION' : error;
}
