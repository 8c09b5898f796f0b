/** A binary heap: `pop` gives the value with the smallest key. Keys are fixed when a value is pushed. */
export class Heap<T> {
  readonly #keys: number[] = [];
  readonly #values: T[] = [];

  get size(): number {
    return this.#keys.length;
  }

  push(key: number, value: T): void {
    let at = this.#keys.length;
    for (let up = (at - 1) >> 1; at > 0 && (this.#keys[up] as number) > key; up = (at - 1) >> 1) {
      this.#set(at, this.#keys[up] as number, this.#values[up] as T);
      at = up;
    }
    this.#set(at, key, value);
  }

  pop(): T | undefined {
    const top = this.#values[0];
    const key = this.#keys.pop();
    const value = this.#values.pop();
    if (key !== undefined && this.#keys.length > 0) this.#sink(key, value as T);
    return top;
  }

  #sink(key: number, value: T): void {
    const { length } = this.#keys;
    let at = 0;
    for (let down = 1; down < length; down = 2 * at + 1) {
      if (down + 1 < length && (this.#keys[down + 1] as number) < (this.#keys[down] as number)) down++;
      if ((this.#keys[down] as number) >= key) break;
      this.#set(at, this.#keys[down] as number, this.#values[down] as T);
      at = down;
    }
    this.#set(at, key, value);
  }

  #set(at: number, key: number, value: T): void {
    this.#keys[at] = key;
    this.#values[at] = value;
  }
}
