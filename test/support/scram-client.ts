/** A client's side of SCRAM, made from RFC 5802 alone. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type { MechanismName } from '../../src/user/mechanism.ts';

export interface ScramClient {
  readonly mechanism: MechanismName;
  readonly user: string;
  readonly password: string;
  /** `n,,` unless told. */
  readonly header?: string;
  /** Behind the nonce of the first words, such as `,tokenauth=true`. */
  readonly extensions?: string;
}

const NONCE = 'fyko+d2lbbFgONRv9qkxdawL';

export function clientFirst({ user, header = 'n,,', extensions = '' }: Omit<ScramClient, 'mechanism' | 'password'>) {
  const bare = `n=${user.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${NONCE}${extensions}`;
  return { bare, token: Buffer.from(header + bare) };
}

/** The final words, and what the server has to say then. */
export function clientFinal(client: ScramClient, challenge: Buffer, change: { nonce?: string; header?: string } = {}) {
  const { mechanism, password, header = 'n,,' } = client;
  const hash = mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512';
  const [, nonce = '', salt = '', iterations = ''] = /^r=(.*),s=(.*),i=(\d+)$/.exec(challenge.toString()) ?? [];
  const bytes = hash === 'sha256' ? 32 : 64;
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), bytes, hash);
  const hmac = (key: Buffer, words: string) => createHmac(hash, key).update(words).digest();
  const clientKey = hmac(salted, 'Client Key');
  const storedKey = createHash(hash).update(clientKey).digest();
  const binding = Buffer.from(change.header ?? header).toString('base64');
  const withoutProof = `c=${binding},r=${change.nonce ?? nonce}`;
  const words = `${clientFirst(client).bare},${challenge},${withoutProof}`;
  const signature = hmac(storedKey, words);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] as number)));
  return {
    token: Buffer.from(`${withoutProof},p=${proof.toString('base64')}`),
    verifier: `v=${hmac(hmac(salted, 'Server Key'), words).toString('base64')}`,
  };
}
