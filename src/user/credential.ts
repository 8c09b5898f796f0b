import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ITERATIONS, type Mechanism, type MechanismName, mechanismNamed } from './mechanism.ts';

/** What proves that somebody knows a password, which cannot be read from it (RFC 5802, 3). */
export interface Credential {
  readonly mechanism: MechanismName;
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** Bytes of a new salt. */
export const SALT_BYTES = 24;

/** A password hashed `iterations` times with `salt`: RFC 5802's SaltedPassword, which whoever has it needs no password for. */
export interface SaltedPassword extends Pick<Credential, 'mechanism' | 'salt' | 'iterations'> {
  readonly saltedPassword: Buffer;
}

export function credentialOf({ saltedPassword, mechanism, salt, iterations }: SaltedPassword): Credential {
  const { hash } = mechanismNamed(mechanism);
  const storedKey = digest(hash, hmac(hash, saltedPassword, 'Client Key'));
  return { mechanism, salt, iterations, storedKey, serverKey: hmac(hash, saltedPassword, 'Server Key') };
}

/** Whether a salted password is the one that the credential was made of; takes as long either way. */
export function isSaltedPassword(credential: Credential, saltedPassword: Buffer): boolean {
  return timingSafeEqual(credentialOf({ ...credential, saltedPassword }).storedKey, credential.storedKey);
}

/**
 * Whether a client's proof for `words` (RFC 5802's AuthMessage) is that of somebody who knows the password; takes as long either
 * way.
 */
export function isProof({ mechanism, storedKey }: Credential, words: string, proof: Buffer): boolean {
  const { hash, keyBytes } = mechanismNamed(mechanism);
  if (proof.length !== keyBytes) return false;
  const signature = hmac(hash, storedKey, words);
  const clientKey = signature.map((byte, i) => byte ^ (proof[i] as number));
  return timingSafeEqual(digest(hash, clientKey), storedKey);
}

/** What shows the client that we know its credential too. */
export function serverSignature({ mechanism, serverKey }: Credential, words: string): Buffer {
  return hmac(mechanismNamed(mechanism).hash, serverKey, words);
}

/**
 * A credential of nobody, for a user that does not exist: always the same for one `secret`, so that whoever does not know a
 * password is not told who has one. Nobody has a proof for it.
 */
export function decoyCredential(mechanism: MechanismName, user: string, secret: Buffer): Credential {
  const { hash } = mechanismNamed(mechanism);
  const random = (what: string) => hmac(hash, secret, `${what} ${mechanism} ${user}`);
  const salt = random('salt').subarray(0, SALT_BYTES);
  return { mechanism, salt, iterations: ITERATIONS.least, storedKey: random('stored'), serverKey: random('server') };
}

function hmac(hash: Mechanism['hash'], key: Buffer, words: string): Buffer {
  return createHmac(hash, key).update(words).digest();
}

function digest(hash: Mechanism['hash'], bytes: Uint8Array): Buffer {
  return createHash(hash).update(bytes).digest();
}
