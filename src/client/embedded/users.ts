import type { Broker } from '../../broker/broker.ts';
import type { User } from '../../broker/user-administration.ts';
import type { NewUser, UserAdministration, UserListing } from '../users.ts';

/** The users of a data directory. */
export class EmbeddedUsers implements UserAdministration {
  readonly #broker: Broker;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  async list(): Promise<readonly UserListing[]> {
    return this.#broker.users.list().map(listingOf);
  }

  set(user: NewUser): Promise<boolean> {
    return this.#broker.users.set(user);
  }

  async describe(names: readonly string[]): Promise<readonly UserListing[]> {
    return this.#broker.users.describe(names).map(listingOf);
  }

  async delete(names: readonly string[]): Promise<void> {
    this.#broker.users.delete(names);
  }
}

function listingOf({ name, credentials }: User): UserListing {
  return { name, credentials: credentials.map(({ mechanism, iterations }) => ({ mechanism, iterations })) };
}
