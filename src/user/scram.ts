import { type Authentication, AuthenticationRefused } from './authentication.ts';
import { type Credential, isProof, serverSignature } from './credential.ts';
import { type ClientFirst, parseClientFinal, parseClientFirst } from './scram-words.ts';

interface Begun {
  readonly first: ClientFirst;
  readonly credential: Credential;
  /** The client's and ours. */
  readonly nonce: string;
  /** What we have answered. */
  readonly challenge: string;
}

const OTHER_ID = 'Authentication failed: Client requested an authorization id that is different from username';

/**
 * A server's side of SCRAM (RFC 5802; Kafka's ScramSaslServer): two tokens, two answers. Does nothing but compare: credentials
 * come from `find`, which has one for everybody (`decoyCredential`), and `nonce` is random and printable.
 */
export class Scram implements Authentication {
  readonly #nonce: string;
  readonly #find: (user: string) => Credential;
  #begun: Begun | undefined;
  #user: string | null = null;

  constructor(nonce: string, find: (user: string) => Credential) {
    this.#nonce = nonce;
    this.#find = find;
  }

  get user(): string | null {
    return this.#user;
  }

  next(token: Buffer): Buffer {
    return Buffer.from(this.#begun === undefined ? this.#challenge(token) : this.#conclude(token, this.#begun));
  }

  #challenge(token: Buffer): string {
    const first = parseClientFirst(token);
    const { user, authorizationId, extensions } = first;
    if (extensions.get('tokenauth')?.toLowerCase() === 'true')
      throw new AuthenticationRefused('there are no delegation tokens', { user });
    if (authorizationId !== '' && authorizationId !== user)
      throw new AuthenticationRefused(OTHER_ID, { user, told: OTHER_ID });
    const credential = this.#find(user);
    const nonce = first.nonce + this.#nonce;
    const challenge = `r=${nonce},s=${credential.salt.toString('base64')},i=${credential.iterations}`;
    this.#begun = { first, credential, nonce, challenge };
    return challenge;
  }

  /** librdkafka before 2.6.1 says its own nonce twice; Kafka bears with it up to 3.9. */
  #conclude(token: Buffer, { first, credential, nonce, challenge }: Begun): string {
    const { user } = first;
    const final = parseClientFinal(token);
    if (final.nonce !== nonce && final.nonce !== first.nonce + nonce)
      throw new AuthenticationRefused('its nonce is not the one it was given', { user });
    if (final.header !== first.header) throw new AuthenticationRefused('its two headers differ', { user });
    const words = `${first.bare},${challenge},${final.withoutProof}`;
    if (!isProof(credential, words, final.proof))
      throw new AuthenticationRefused('there is no such user, or the password is wrong', { user });
    this.#user = user;
    return `v=${serverSignature(credential, words).toString('base64')}`;
  }
}
