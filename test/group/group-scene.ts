import { Groups, type Joining, type MemberRef } from '../../src/group/groups.ts';
import type { Surroundings } from '../../src/group/membership.ts';
import { Topics } from '../../src/topic/topics.ts';
import type { ProcessId } from '../../src/types.ts';
import { openTestBroker } from '../support/test-broker.ts';

/** One group `g` on a broker, a clock, and processes that end when they are told to. */
export class GroupScene {
  readonly broker = openTestBroker();
  readonly groups = new Groups(this.broker.store, new Topics(this.broker.store));
  readonly ended = new Set<number>();
  now = 1_700_000_000_000;
  #pid = 100;

  constructor(topics: Readonly<Record<string, number>> = { t: 4 }) {
    this.broker.createTopics(Object.entries(topics).map(([name, partitions]) => ({ name, partitions })));
  }

  get around(): Surroundings {
    return { now: this.now, isGone: ({ pid }: ProcessId) => this.ended.has(pid) };
  }

  write<T>(fn: () => T): T {
    return this.broker.store.write(fn, 'normal');
  }

  ref(memberId: string): MemberRef {
    return { group: 'g', memberId };
  }

  join(memberId: string, how: Partial<Joining> = {}) {
    const process = { pid: this.#pid++, started: '1', namespace: 'here' };
    const joining: Joining = {
      group: 'g',
      memberId,
      name: memberId,
      host: 'local',
      subscription: { names: ['t'] },
      sessionTimeoutMs: 10_000,
      process,
      ...how,
    };
    return this.write(() => this.groups.join(joining, this.around));
  }

  beat(memberId: string) {
    return this.write(() => this.groups.heartbeat(this.ref(memberId), this.around));
  }

  leave(memberId: string): void {
    this.write(() => this.groups.leave(this.ref(memberId), this.around));
  }

  /** Gives up everything that is to be given up. */
  release(memberId: string) {
    const revoked = this.view(memberId)?.revoked ?? [];
    return this.write(() =>
      this.groups.release(
        this.ref(memberId),
        revoked.map(({ id }) => id),
        this.around,
      ),
    );
  }

  removeGone() {
    return this.write(() => this.groups.removeGone('g', this.around));
  }

  commit(memberId: string | null, id: number, offset: number) {
    const ref = memberId === null ? null : this.ref(memberId);
    return this.write(() => this.groups.commit('g', ref, [{ id, offset }], this.around))[0]?.error;
  }

  view(memberId: string) {
    return this.broker.store.read(() => this.groups.membership(this.ref(memberId)));
  }

  /** What a member has and keeps, what it has and is to give up, how many it waits for: `0,1 -2,3 +0`. */
  hand(memberId: string): string {
    const view = this.view(memberId);
    if (view === null) return 'no member';
    const list = (partitions: readonly { partition: number }[]) => partitions.map((p) => p.partition).join();
    return `${list(view.assigned)} -${list(view.revoked)} +${view.pending}`;
  }
}
