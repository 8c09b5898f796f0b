import { BrokerError } from '../../errors.ts';
import { readsTopic } from '../template/read.ts';

/** Which topics are read and written. */
export interface PipeWords {
  readonly from: readonly string[];
  /** Null: each record names its own, by the `%t` of the input's template. */
  readonly to: string | null;
}

/**
 * The words are INs and OUT, or INs alone where the template has a `%t`.
 * @throws BrokerError USAGE on a malformed template, where one is missing, and where a topic would be read that is written to
 */
export function pipeWords(words: readonly string[], format: string, deadLetters: string | undefined): PipeWords {
  const to = readsTopic(format) ? null : (words.at(-1) ?? null);
  const from = to === null ? words : words.slice(0, -1);
  if (from.length === 0 && to === null)
    throw usage('the topics are missing', 'those to read, then the one to write to, or with %t those to read alone');
  if (from.length === 0)
    throw usage('the topic to write to is missing', `'${to}' alone could be either; the last one is written to`);
  const both = from.find((topic) => topic === to || topic === deadLetters);
  if (both !== undefined)
    throw usage(`'${both}' would be read and written to, without an end`, 'write to another topic');
  return { from: [...new Set(from)], to };
}

function usage(problem: string, hint: string): BrokerError {
  return new BrokerError('USAGE', { problem, hint });
}
