import type { NewUser, UserAdministration, UserListing } from '../users.ts';
import type { Line } from './line.ts';

/** The users of a server, by its own doors: of passwords Kafka's requests carry hashes, by which none can be judged. */
export class WireUsers implements UserAdministration {
  readonly #line: Line;

  constructor(line: Line) {
    this.#line = line;
  }

  list(): Promise<readonly UserListing[]> {
    return this.#line.call('listUsers', {});
  }

  set(user: NewUser): Promise<boolean> {
    return this.#line.call('setUser', user);
  }

  describe(names: readonly string[]): Promise<readonly UserListing[]> {
    return this.#line.call('describeUsers', { names });
  }

  delete(names: readonly string[]): Promise<void> {
    return this.#line.call('deleteUsers', { names });
  }
}
