import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { BrokerError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import {
  type Credential,
  decoyCredential,
  isSaltedPassword,
  SALT_BYTES,
  type SaltedPassword,
} from '../user/credential.ts';
import { MECHANISM_NAMES, type MechanismName, mechanismNamed } from '../user/mechanism.ts';
import { type CredentialChange, checkName, type User, Users } from '../user/users.ts';
import { inItsPlace } from './topic-administration.ts';

export type { CredentialChange, User } from '../user/users.ts';

/** A user to be, with its password, which is not kept. */
export interface NewUser {
  readonly name: string;
  readonly password: string;
  readonly mechanisms: readonly MechanismName[];
  readonly iterations: number;
}

const SECRET_BYTES = 32;

/**
 * The doors of users: each call is one transaction of the file (B1). Passwords are hashed beside everything else, one after the
 * other: whoever tries many waits for himself, and takes only one of Node's threads, which others sync their commits in.
 */
export class UserAdministration {
  readonly #store: Store;
  readonly #users: Users;
  /** Made when it is first wanted: most who open a broker ask for no user, and need not load what makes it. */
  #secret: Buffer | undefined;
  #hashing: Promise<unknown> = Promise.resolve();

  constructor(store: Store) {
    this.#store = store;
    this.#users = new Users(store);
  }

  /** By name. */
  list(): User[] {
    return this.#store.read(() => this.#users.list());
  }

  /** In the order of the names. Throws RESOURCE_NOT_FOUND. */
  describe(names: readonly string[]): User[] {
    return this.#store.read(() => [...new Set(names)].map((name) => this.#users.require(name)));
  }

  /** What a client that says to be this user has to have a proof for; nobody has one where it has no such credential. */
  credential(name: string, mechanism: MechanismName): Credential {
    const found = this.#store.read(() => this.#users.credentials(name)).find((each) => each.mechanism === mechanism);
    if (found !== undefined) return found;
    this.#secret ??= randomBytes(SECRET_BYTES);
    return decoyCredential(mechanism, name, this.#secret);
  }

  /** Whether it is the password of one of the user's credentials. As much is hashed for a user that does not exist (U3). */
  async isPassword(name: string, password: string): Promise<boolean> {
    for (const mechanism of MECHANISM_NAMES) {
      const credential = this.credential(name, mechanism);
      if (isSaltedPassword(credential, await this.#salted(password, credential))) return true;
    }
    return false;
  }

  /**
   * Makes a user, or gives one another password, which replaces all that it had. Answers whether it is a new one. Throws
   * UNACCEPTABLE_CREDENTIAL, STORAGE_*.
   */
  async set({ name, password, mechanisms, iterations }: NewUser): Promise<boolean> {
    checkName(name);
    checkPassword(password);
    const salted: SaltedPassword[] = [];
    for (const mechanism of mechanisms) {
      const how = { mechanism, iterations, salt: randomBytes(SALT_BYTES) };
      salted.push({ ...how, saltedPassword: await this.#salted(password, how) });
    }
    return this.#store.write(() => this.#users.set(name, salted));
  }

  /** Each by itself: a change that is refused is an error in its place (B3). */
  alter(changes: readonly CredentialChange[]): (BrokerError | null)[] {
    return this.#store.write(() =>
      changes.map((change) => {
        const refused = inItsPlace(() => this.#users.change(change));
        return refused instanceof BrokerError ? refused : null;
      }),
    );
  }

  /** All of them or none. Throws RESOURCE_NOT_FOUND. */
  delete(names: readonly string[]): void {
    this.#store.write(() => {
      for (const name of new Set(names)) this.#users.remove(this.#users.require(name).name);
    });
  }

  #salted(password: string, { mechanism, salt, iterations }: Omit<SaltedPassword, 'saltedPassword'>): Promise<Buffer> {
    const { hash, keyBytes } = mechanismNamed(mechanism);
    const turn = this.#hashing.then(() => promisify(pbkdf2)(password, salt, iterations, keyBytes, hash));
    this.#hashing = turn.catch(() => undefined);
    return turn;
  }
}

/** PLAIN sends a password behind a NUL, and no client sends an empty one. Throws UNACCEPTABLE_CREDENTIAL. */
function checkPassword(password: string): void {
  if (password === '' || password.includes('\0'))
    throw new BrokerError('UNACCEPTABLE_CREDENTIAL', { problem: 'a password is not empty, and has no NUL in it' });
}
