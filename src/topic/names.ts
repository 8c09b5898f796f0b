/** What a topic may be called (org.apache.kafka.common.internals.Topic), and which name somebody may have meant. */
import { BrokerError } from '../errors.ts';

const MAX_NAME_LENGTH = 249;

/** Throws INVALID_TOPIC_EXCEPTION unless Kafka would take the name. */
export function checkTopicName(name: string): void {
  const problem = problemOf(name);
  if (problem !== undefined) throw new BrokerError('INVALID_TOPIC_EXCEPTION', { topic: shown(name), problem });
}

function problemOf(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name === '.' || name === '..') return 'a folder has that name everywhere';
  if (name.length > MAX_NAME_LENGTH) return `it has ${name.length} characters`;
  const odd = /[^a-zA-Z0-9._-]/u.exec(name)?.[0];
  return odd === undefined ? undefined : `it contains '${shown(odd)}'`;
}

/** A name that may be anything, in a sentence: not too long, nothing that a terminal would obey. */
function shown(name: string): string {
  const short = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  return short.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1).replace('\x7f', '\\u007f'));
}

/** The same for names that Kafka holds to be in each other's way: its metrics cannot tell `.` from `_`. */
export function collisionKey(name: string): string {
  return name.replaceAll('.', '_');
}

/** Only such a name can collide with another one. */
export function mayCollide(name: string): boolean {
  return /[._]/.test(name);
}

/**
 * The one of `names` that somebody who typed `name` most likely meant: the fewest slips of a finger away (one letter wrong,
 * missing, too many, or two swapped; case counts for nothing), at most one for each three letters. Undefined when none is near.
 */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  const typed = name.toLowerCase().slice(0, MAX_NAME_LENGTH);
  let limit = Math.max(1, Math.floor(typed.length / 3));
  let nearest: string | undefined;
  for (const candidate of names) {
    if (Math.abs(candidate.length - typed.length) > limit) continue;
    const distance = slips(typed, candidate.toLowerCase());
    if (distance > limit) continue;
    nearest = candidate;
    limit = distance - 1;
    if (limit < 0) break;
  }
  return nearest;
}

/** The optimal string alignment distance, row by row. */
function slips(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((above[j] as number) + 1, (row[j - 1] as number) + 1, (above[j - 1] as number) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] as number) + 1);
      row.push(least);
    }
    before = above;
    above = row;
  }
  return above[b.length] as number;
}
