/** Users, whoever keeps them: who may come in where a server asks who one is (SASL). */
import type { MechanismName } from '../user/mechanism.ts';

/** One way in which a user may prove who it is. */
export interface UserCredential {
  readonly mechanism: MechanismName;
  /** How often the password is hashed. */
  readonly iterations: number;
}

export interface UserListing {
  readonly name: string;
  /** By mechanism. */
  readonly credentials: readonly UserCredential[];
}

export interface NewUser {
  readonly name: string;
  readonly password: string;
  readonly mechanisms: readonly MechanismName[];
  readonly iterations: number;
}

export interface UserAdministration {
  /** By name. */
  list(): Promise<readonly UserListing[]>;
  /**
   * Makes a user, or gives one another password, with which alone it may come in from now on. Answers whether it is a new one.
   * Throws UNACCEPTABLE_CREDENTIAL.
   */
  set(user: NewUser): Promise<boolean>;
  /** In the order of the names. Throws RESOURCE_NOT_FOUND. */
  describe(names: readonly string[]): Promise<readonly UserListing[]>;
  /** All of them or none. Throws RESOURCE_NOT_FOUND. */
  delete(names: readonly string[]): Promise<void>;
}
