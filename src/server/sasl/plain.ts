import { type Authentication, AuthenticationRefused } from '../../user/authentication.ts';
import { textOf } from '../../user/scram-words.ts';

const WRONG = 'Authentication failed: Invalid username or password';
const OTHER_ID = 'Authentication failed: Client requested an authorization id that is different from username';

/**
 * A server's side of PLAIN (RFC 4616; Kafka's PlainSaslServer): one token, an empty answer. `isPassword` is asked whether a user
 * has that password.
 */
export class Plain implements Authentication {
  readonly #isPassword: (user: string, password: string) => Promise<boolean>;
  #user: string | null = null;

  constructor(isPassword: (user: string, password: string) => Promise<boolean>) {
    this.#isPassword = isPassword;
  }

  get user(): string | null {
    return this.#user;
  }

  async next(token: Buffer): Promise<Buffer> {
    const [authorizationId = '', user = '', ...rest] = textOf(token).split('\0');
    const password = rest.join('\0');
    const missing = user === '' ? 'username' : password === '' ? 'password' : null;
    if (rest.length === 0) throw refused('Invalid SASL/PLAIN response: expected 3 tokens');
    if (missing !== null) throw refused(`Authentication failed: ${missing} not specified`);
    if (!(await this.#isPassword(user, password))) throw refused(WRONG, user);
    if (authorizationId !== '' && authorizationId !== user) throw refused(OTHER_ID, user);
    this.#user = user;
    return Buffer.alloc(0);
  }
}

/** In Kafka's words, which the client may be told. */
function refused(told: string, user: string | null = null): AuthenticationRefused {
  return new AuthenticationRefused(told, { user, told });
}
