import { randomBytes } from 'node:crypto';
import type { UserAdministration } from '../../broker/user-administration.ts';
import type { Authentication } from '../../user/authentication.ts';
import { MECHANISMS } from '../../user/mechanism.ts';
import { Scram } from '../../user/scram.ts';
import { Plain } from './plain.ts';

type Begin = (users: UserAdministration) => Authentication;

/** Bytes of randomness in a nonce. */
const NONCE_BYTES = 18;

/** How a client may prove who it is, by Kafka's names. */
const BEGIN: ReadonlyMap<string, Begin> = new Map<string, Begin>([
  ['PLAIN', (users) => new Plain((user, password) => users.isPassword(user, password))],
  ...MECHANISMS.map(({ name }): [string, Begin] => [
    name,
    (users) => new Scram(nonce(), (user) => users.credential(user, name)),
  ]),
]);

/** Kafka's sasl.enabled.mechanisms. */
export const SASL_MECHANISMS: readonly string[] = [...BEGIN.keys()];

/** Undefined where there is no such mechanism. */
export function beginAuthentication(mechanism: string, users: UserAdministration): Authentication | undefined {
  return BEGIN.get(mechanism)?.(users);
}

function nonce(): string {
  return randomBytes(NONCE_BYTES).toString('base64');
}
