import { existsSync } from 'node:fs';
import { BrokerError } from '../../errors.ts';
import { readsTopic } from '../template/read.ts';

/** What the words of `produce` say. */
export interface ProduceWords {
  /** Null: each record names its own, by the `%t` of the input's template. Undefined: nobody has said. */
  readonly topic: string | null | undefined;
  readonly files: readonly string[];
}

/**
 * The words are TOPIC and FILEs, or FILEs alone where the template has a `%t`.
 * @throws BrokerError USAGE on a malformed template, and where both name a topic
 */
export function produceWords(words: readonly string[], format: string): ProduceWords {
  const [first, ...rest] = words;
  if (!readsTopic(format)) return { topic: first, files: rest };
  if (first !== undefined && first !== '-' && !existsSync(first)) {
    throw new BrokerError('USAGE', {
      problem: `'${first}' is no file, and no TOPIC goes with %t, which reads it from the input`,
      hint: 'leave out TOPIC or %t; with %t all words are FILEs',
    });
  }
  return { topic: null, files: words };
}
