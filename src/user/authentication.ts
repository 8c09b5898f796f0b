/** One way of proving who one is (SASL): tokens go to and fro until it is known, or refused. */
export interface Authentication {
  /** What to answer a client's token with. Throws AuthenticationRefused; then it is over. */
  next(token: Buffer): Promise<Buffer> | Buffer;
  /** Who the client is; null while that is not known. */
  readonly user: string | null;
}

/** A client is not who it says, or says it in a way that makes no sense. */
export class AuthenticationRefused extends Error {
  /** Whom the client says to be, as far as it has. */
  readonly user: string | null;
  /** What the client may be told; null: no more than that it failed. */
  readonly told: string | null;

  constructor(why: string, { user = null, told = null }: { user?: string | null; told?: string | null } = {}) {
    super(why);
    this.user = user;
    this.told = told;
  }
}
