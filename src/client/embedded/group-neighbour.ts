import { ProcessWatch, thisProcess } from '../../broker/peers.ts';
import type { Membership } from '../../group/groups.ts';
import type { ProcessId } from '../../types.ts';

interface Neighbour {
  readonly id: string;
  readonly process: ProcessId;
}

/**
 * The member that this one looks after: the next of those whose processes can be seen from here, in a ring of all member ids.
 * So each is looked after by one, however many there are.
 */
export class GroupNeighbour {
  #ring: readonly Neighbour[] = [];
  #at = 0;
  #watched: string | undefined;
  #watch: ProcessWatch | undefined;

  /** The members changed. */
  choose(me: string, members: Membership['members']): void {
    const { namespace } = thisProcess();
    const seen = members.flatMap(({ id, process }) =>
      process === null || process.namespace !== namespace || id === me ? [] : [{ id, process }],
    );
    this.#ring = [...seen.filter(({ id }) => id > me), ...seen.filter(({ id }) => id < me)];
    this.#at = 0;
    this.#turnTo(this.#ring[0]);
  }

  get isGone(): boolean {
    return this.#watch?.isGone() === true;
  }

  /** It is gone and may stay, as a static member whose session goes on: the next one is looked after as well. */
  pass(): void {
    this.#turnTo(this.#ring[++this.#at]);
  }

  close(): void {
    this.#turnTo(undefined);
  }

  #turnTo(neighbour: Neighbour | undefined): void {
    if (neighbour?.id === this.#watched) return;
    this.#watch?.close();
    this.#watched = neighbour?.id;
    this.#watch = neighbour && new ProcessWatch(neighbour.process);
  }
}
