/**
 * Users: who may come in where it is asked who one is (SASL), and how they prove it.
 *
 * The room knows credentials, and the words of SCRAM and PLAIN. It must not know connections, Kafka's requests, nor how to hash a
 * password, which takes milliseconds: it is given what was hashed.
 *
 * Invariants
 * U1  A password is never stored; what is stored does not help to come in (RFC 5802, 9).
 * U2  Comparisons with secrets take as long whether they succeed or not.
 * U3  Whoever fails is not told whether there is such a user.
 */
import { BrokerError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import { type Credential, credentialOf, type SaltedPassword } from './credential.ts';
import { ITERATIONS, type MechanismName } from './mechanism.ts';
import { UserRows } from './rows.ts';

/** A user, and how it may prove who it is. */
export interface User {
  readonly name: string;
  readonly credentials: readonly Credential[];
}

/** One change of one credential, as Kafka's AlterUserScramCredentials has it (KIP-554). */
export type CredentialChange =
  | { readonly user: string; readonly remove: MechanismName }
  | { readonly user: string; readonly put: SaltedPassword };

/** Users as rows; like the rooms beside, it runs inside the caller's transaction. */
export class Users {
  readonly #rows: UserRows;

  constructor(store: Store) {
    this.#rows = new UserRows(store);
  }

  /** By name. */
  list(): User[] {
    const users = new Map<string, Credential[]>();
    for (const { user, ...credential } of this.#rows.all()) users.set(user, [...(users.get(user) ?? []), credential]);
    return [...users].map(([name, credentials]) => ({ name, credentials }));
  }

  /** What proves that somebody is this user; none where there is no such user. */
  credentials(name: string): Credential[] {
    return this.#rows.of(name).map(({ user: _, ...credential }) => credential);
  }

  /** Throws RESOURCE_NOT_FOUND. */
  require(name: string): User {
    const credentials = this.credentials(name);
    if (credentials.length === 0) throw new BrokerError('RESOURCE_NOT_FOUND', { user: name });
    return { name, credentials };
  }

  /**
   * Gives a user these credentials and takes away those it had: a password that was replaced is good for nothing. Answers whether
   * the user is a new one. Throws UNACCEPTABLE_CREDENTIAL.
   */
  set(name: string, salted: readonly SaltedPassword[]): boolean {
    const isNew = this.credentials(name).length === 0;
    this.#rows.removeAll(name);
    for (const put of salted) this.change({ user: name, put });
    return isNew;
  }

  /** Throws RESOURCE_NOT_FOUND where there is nothing to remove, UNACCEPTABLE_CREDENTIAL. */
  change(change: CredentialChange): void {
    checkName(change.user);
    if ('put' in change) {
      checkIterations(change.put);
      return this.#rows.put(change.user, credentialOf(change.put));
    }
    if (!this.#rows.remove(change.user, change.remove))
      throw new BrokerError('RESOURCE_NOT_FOUND', { user: change.user });
  }

  remove(name: string): void {
    this.#rows.removeAll(name);
  }
}

/** PLAIN sends names between NULs. Throws UNACCEPTABLE_CREDENTIAL. */
export function checkName(name: string): void {
  if (name === '') throw new BrokerError('UNACCEPTABLE_CREDENTIAL', { problem: 'a user has a name' });
  if (name.includes('\0'))
    throw new BrokerError('UNACCEPTABLE_CREDENTIAL', { problem: 'the name of a user has no NUL in it' });
}

function checkIterations({ iterations }: Pick<SaltedPassword, 'iterations'>): void {
  const { least, most } = ITERATIONS;
  if (iterations < least || iterations > most)
    throw new BrokerError('UNACCEPTABLE_CREDENTIAL', {
      problem: `a password is hashed ${least} to ${most} times; not ${iterations}`,
    });
}
