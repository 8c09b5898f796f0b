import { BrokerError } from '../../errors.ts';

/** What is done about records that the command fails on. */
export type OnError = { readonly what: 'stop' | 'skip' } | { readonly what: 'dlq'; readonly topic: string };

const FLAG = '--on-error';

/** `--on-error dlq TOPIC` is one flag and two words: they are made one here, before anybody parses them. */
export function joinOnError(words: readonly string[]): string[] {
  const at = words.findIndex((word, i) => word === `${FLAG}=dlq` || (word === 'dlq' && words[i - 1] === FLAG));
  const topic = words[at + 1];
  if (at < 0 || topic === undefined || topic.startsWith('-')) return [...words];
  const before = words.slice(0, words[at] === 'dlq' ? at - 1 : at);
  return [...before, `${FLAG}=dlq ${topic}`, ...words.slice(at + 2)];
}

/** @throws BrokerError USAGE */
export function parseOnError(given: string): OnError {
  const [what, topic] = given.split(' ');
  if (what === 'dlq' && topic !== undefined) return { what, topic };
  if (what === 'stop' || what === 'skip') return { what };
  const problem =
    what === 'dlq' ? `${FLAG} dlq wants a topic` : `${FLAG} wants stop, skip, or dlq TOPIC; not '${given}'`;
  throw new BrokerError('USAGE', { problem, hint: `${FLAG} dlq failed writes what fails to the topic failed` });
}
