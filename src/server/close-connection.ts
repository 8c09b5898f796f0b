/** Thrown where Kafka closes a connection instead of answering; the message says why, for the log. */
export class CloseConnection extends Error {
  /** An answer that goes out before; null: none. */
  readonly lastWords: readonly Buffer[] | null;

  constructor(why: string, lastWords: readonly Buffer[] | null = null) {
    super(why);
    this.lastWords = lastWords;
  }
}
