import type { Socket } from 'node:net';

/** So many requests may be applied and not answered yet. */
const MOST = 16;

/** The answers of one connection: each goes out when it is there and all before it have gone. */
export class Answers {
  readonly #socket: Socket;
  #sent: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Resolves when all that were added have gone, and the client has taken them. Rejects with what an answer rejects with. */
  get sent(): Promise<void> {
    return this.#sent;
  }

  /** Whether the client is to be given no more until `sent`. */
  get isFull(): boolean {
    return this.#waiting > MOST || this.#socket.writableNeedDrain;
  }

  /** Resolves when this one has gone; null is no answer. */
  add(answer: Promise<readonly Buffer[] | null>): Promise<void> {
    this.#waiting++;
    this.#sent = this.#sendAfter(this.#sent, answer);
    return this.#sent;
  }

  async #sendAfter(before: Promise<void>, answer: Promise<readonly Buffer[] | null>): Promise<void> {
    await before;
    const pieces = await answer;
    this.#waiting--;
    if (pieces !== null) await this.#write(pieces);
  }

  /**
   * For a request that has several answers: what sends one of them, when all that were added until now have gone. To be asked for
   * before its last answer is added.
   */
  early(): (pieces: readonly Buffer[]) => Promise<void> {
    const before = this.#sent;
    return async (pieces) => {
      await before;
      await this.#write(pieces);
    };
  }

  async #write(pieces: readonly Buffer[]): Promise<void> {
    const socket = this.#socket;
    if (!socket.writable) return;
    socket.cork();
    for (const piece of pieces) socket.write(piece);
    socket.uncork();
    if (!socket.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        socket.off('drain', done).off('close', done);
        resolve();
      };
      socket.on('drain', done).on('close', done);
    });
  }
}
