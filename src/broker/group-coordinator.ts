import type { Clock } from '../clock.ts';
import type { GroupAdministration, GroupRecord } from '../group/administration/administration.ts';
import type { Groups, Joining, MemberRef, Membership } from '../group/groups.ts';
import type { Surroundings } from '../group/membership.ts';
import type { CommitResult, Committing } from '../group/offsets/commit-offsets.ts';
import type { Durability, Store } from '../store/store.ts';
import { isGone } from './peers.ts';
import type { WakeFile } from './wait.ts';

/** What the coordinator needs of the broker. */
export interface GroupSurroundings {
  readonly store: Store;
  readonly groups: Groups;
  readonly administration: GroupAdministration;
  readonly clock: Clock;
  readonly wake: WakeFile;
}

/**
 * The doors of groups: each call is one transaction (B1). Members are woken when something changed that they wait for, not by a
 * heartbeat or a commit alone. Memberships need not survive a power cut, so they are stored with `normal` durability. Throws
 * what `Groups` throws, and STORAGE_*.
 */
export class GroupCoordinator {
  readonly #store: Store;
  readonly #groups: Groups;
  readonly #administration: GroupAdministration;
  readonly #clock: Clock;
  readonly #wake: WakeFile;

  constructor({ store, groups, administration, clock, wake }: GroupSurroundings) {
    this.#store = store;
    this.#groups = groups;
    this.#administration = administration;
    this.#clock = clock;
    this.#wake = wake;
  }

  /** For what only looks, inside one's own `store.read`. */
  get rows(): Groups {
    return this.#groups;
  }

  join(joining: Joining): Membership {
    return this.#change((s) => this.#groups.join(joining, s));
  }

  /** Null: it is no member any more. */
  membership(ref: MemberRef): Membership | null {
    return this.#store.read(() => this.#groups.membership(ref));
  }

  /** As `Groups.glance`. */
  glance(group: string): { readonly version: number; readonly outdated: boolean } | null {
    return this.#store.read(() => this.#groups.glance(group));
  }

  heartbeat(ref: MemberRef): { readonly changed: boolean } {
    const beat = this.#write((s) => this.#groups.heartbeat(ref, s));
    if (beat.changed) this.#wake.touch();
    return beat;
  }

  /** The last offsets, and the leave, in one transaction that survives a power cut. */
  commitAndLeave(ref: MemberRef, offsets: readonly Committing[]): CommitResult[] {
    return this.#change((s) => {
      const results = this.#groups.commit(ref.group, ref, offsets, s);
      this.#groups.leave(ref, s);
      return results;
    }, 'full');
  }

  /** Offsets, and the partitions (ids) that are given up, in one transaction. */
  commitAndRelease(ref: MemberRef, offsets: readonly Committing[], partitions: readonly number[]): CommitResult[] {
    return this.#change((s) => {
      const results = this.#groups.commit(ref.group, ref, offsets, s);
      this.#groups.release(ref, partitions, s);
      return results;
    });
  }

  /** Names of those who were taken out. */
  removeGone(group: string): readonly string[] {
    const removed = this.#write((s) => this.#groups.removeGone(group, s));
    if (removed.length > 0) this.#wake.touch();
    return removed;
  }

  /** Whether a change of topics changed what the members shall have. */
  refresh(group: string): boolean {
    const changed = this.#write((s) => this.#groups.refresh(group, s));
    if (changed) this.#wake.touch();
    return changed;
  }

  commit(
    group: string,
    ref: MemberRef | null,
    offsets: readonly Committing[],
    durability: Durability = 'normal',
  ): CommitResult[] {
    return this.#write((s) => this.#groups.commit(group, ref, offsets, s), durability);
  }

  /** All groups by name, or these in their order. */
  records(names?: readonly string[]): GroupRecord[] {
    return this.#store.read(() => this.#administration.records(names));
  }

  names(): string[] {
    return this.#store.read(() => this.#administration.names());
  }

  /** As `GroupAdministration.haunted`: the groups of which `removeGone` would take out somebody. */
  haunted(names?: readonly string[]): string[] {
    return this.#store.read(() => this.#administration.haunted(names, { now: this.#clock.now(), isGone }));
  }

  /** Throws NON_EMPTY_GROUP; a group that does not exist is empty. */
  requireEmpty(group: string): void {
    this.#store.read(() => this.#administration.requireEmpty(group));
  }

  /** As `GroupAdministration.setOffsets`; members that are gone are no reason against it. */
  setOffsets(group: string, offsets: readonly Committing[]): void {
    this.#change((s) => {
      this.#groups.removeGone(group, s);
      this.#administration.setOffsets(group, offsets, s.now);
    }, 'full');
  }

  /** All of them or none; members that are gone are no reason against it. */
  deleteGroups(names: readonly string[]): void {
    this.#change((s) => {
      for (const name of names) this.#groups.removeGone(name, s);
      this.#administration.deleteGroups(names);
    }, 'full');
  }

  /** As `GroupAdministration.deleteOffsets`. */
  deleteOffsets(group: string, partitions: readonly number[]): number {
    return this.#change((s) => {
      this.#groups.removeGone(group, s);
      return this.#administration.deleteOffsets(group, partitions);
    }, 'full');
  }

  /** As `GroupAdministration.deleteUnreadOffsets`. */
  deleteUnreadOffsets(group: string, partitions: readonly number[]): Set<number> {
    return this.#change((s) => {
      this.#groups.removeGone(group, s);
      return this.#administration.deleteUnreadOffsets(group, partitions);
    }, 'full');
  }

  /** What is older than `retention` (ms) and read by nobody; housekeeping, which nobody waits for. */
  expireOffsets(retention: number): void {
    const until = this.#clock.now() - retention;
    if (!this.#store.read(() => this.#administration.hasExpired(until))) return;
    this.#write(() => this.#administration.expire(until));
  }

  #change<T>(fn: (s: Surroundings) => T, durability: Durability = 'normal'): T {
    return this.#write(fn, durability, () => this.#wake.touch());
  }

  /** The time is asked for when the write has its turn: waiting for that must make nobody look silent. */
  #write<T>(fn: (s: Surroundings) => T, durability: Durability = 'normal', onVisible?: () => void): T {
    return this.#store.write(() => fn({ now: this.#clock.now(), isGone }), durability, onVisible);
  }
}
