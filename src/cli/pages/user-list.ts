import type { UserListing } from '../../client/cluster.ts';
import type { Io } from '../io.ts';
import { type Column, table } from '../table.ts';
import { count } from '../units.ts';

/** A user under `--json`. */
export interface UserDocument {
  readonly user: string;
  readonly credentials: readonly { readonly mechanism: string; readonly iterations: number }[];
}

export function userDocument({ name, credentials }: UserListing): UserDocument {
  return { user: name, credentials };
}

/** A user a line. */
export function userListPage(users: readonly UserListing[], io: Io): Promise<string> {
  return table(users, COLUMNS, { writer: io.stdout, env: io.env });
}

const COLUMNS: readonly Column<UserListing>[] = [
  { title: 'USER', value: ({ name }) => name },
  { title: 'MECHANISMS', value: mechanismsOf },
];

/** `alice was added: SCRAM-SHA-256, SCRAM-SHA-512` */
export function setLine(user: UserListing, isNew: boolean): string {
  return `${user.name} ${isNew ? 'was added' : 'has another password now'}: ${mechanismsOf(user)}`;
}

export function deleteUsersQuestion(users: readonly UserListing[]): string {
  const [only] = users;
  if (users.length === 1 && only !== undefined) return `Delete the user ${only.name}?`;
  return `Delete ${count(users.length, 'user')}: ${users.map(({ name }) => name).join(', ')}?`;
}

function mechanismsOf({ credentials }: UserListing): string {
  return credentials.map(({ mechanism }) => mechanism).join(', ');
}
