import type { Statement, Store } from '../store/store.ts';
import type { Credential } from './credential.ts';
import type { MechanismName } from './mechanism.ts';

/** A credential and whose it is. */
export interface CredentialRow extends Credential {
  readonly user: string;
}

const COLUMNS = 'name AS user, mechanism, salt, iterations, stored_key AS storedKey, server_key AS serverKey';

const SQL = {
  all: `SELECT ${COLUMNS} FROM user_credential ORDER BY name, mechanism`,
  of: `SELECT ${COLUMNS} FROM user_credential WHERE name = ? ORDER BY mechanism`,
  put: `INSERT OR REPLACE INTO user_credential (name, mechanism, salt, iterations, stored_key, server_key)
    VALUES (?, ?, ?, ?, ?, ?)`,
  remove: 'DELETE FROM user_credential WHERE name = ? AND mechanism = ?',
  removeAll: 'DELETE FROM user_credential WHERE name = ?',
} as const;

/** Credentials as they lie in the file. Each method is one statement, inside the caller's transaction. */
export class UserRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  #sql(name: keyof typeof SQL): Statement {
    return this.#store.prepare(SQL[name]);
  }

  /** By user and mechanism. */
  all(): CredentialRow[] {
    return this.#sql('all').all() as CredentialRow[];
  }

  of(user: string): CredentialRow[] {
    return this.#sql('of').all(user) as CredentialRow[];
  }

  /** In place of one of the same user and mechanism. */
  put(user: string, { mechanism, salt, iterations, storedKey, serverKey }: Credential): void {
    this.#sql('put').run(user, mechanism, salt, iterations, storedKey, serverKey);
  }

  /** Whether there was one. */
  remove(user: string, mechanism: MechanismName): boolean {
    return this.#sql('remove').run(user, mechanism).changes === 1;
  }

  removeAll(user: string): void {
    this.#sql('removeAll').run(user);
  }
}
