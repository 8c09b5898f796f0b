import type { BrokerError } from '../../errors.ts';

/** So many are said one by one; the rest is counted. */
const SAID = 20;

/** Says which records of the input were refused and why, each by its line, each hint once. */
export class Refusals {
  readonly #say: (line: string) => void;
  readonly #json: boolean;
  readonly #hinted = new Set<string>();
  #count = 0;

  constructor(say: (line: string) => void, json: boolean) {
    this.#say = say;
    this.#json = json;
  }

  get count(): number {
    return this.#count;
  }

  add(line: number, error: BrokerError): void {
    this.#count++;
    if (this.#count > SAID) return;
    const { code, message, hint } = error;
    const sentence = error.code === 'INVALID_INPUT' ? message : `line ${line}: ${message}`;
    if (this.#json) {
      this.#say(JSON.stringify({ error: { code, message: sentence, hint, exitCode: 1, line } }));
      return;
    }
    this.#say(`${sentence} (${code})`);
    if (hint !== '' && !this.#hinted.has(hint)) this.#say(hint);
    this.#hinted.add(hint);
  }

  /** What was not said one by one. */
  end(): void {
    if (this.#count > SAID && !this.#json) this.#say(`and ${this.#count - SAID} more`);
  }
}
