import { BrokerError } from '../../errors.ts';
import type { RecordView } from '../output/printer.ts';

export interface FilterFlags {
  readonly key?: string | undefined;
  readonly grep?: string | undefined;
  /** `name` (is there) or `name=value`. All of them must hold. */
  readonly header?: readonly string[] | undefined;
}

export type Filter = (record: RecordView) => boolean;

/** Which records are shown; undefined when all are. Throws USAGE for a bad expression. */
export function compileFilter({ key, grep, header = [] }: FilterFlags): Filter | undefined {
  const tests: Filter[] = [];
  if (key !== undefined) tests.push(keyIs(Buffer.from(key)));
  for (const wanted of header) tests.push(hasHeader(wanted));
  if (grep !== undefined) tests.push(valueMatches(grep));
  if (tests.length === 0) return undefined;
  return (record) => tests.every((holds) => holds(record));
}

function keyIs(wanted: Buffer): Filter {
  return ({ bytes, keyStart, keyLength }) =>
    keyLength === wanted.length && wanted.equals(bytes.subarray(keyStart, keyStart + keyLength));
}

function hasHeader(wanted: string): Filter {
  const at = wanted.indexOf('=');
  const name = Buffer.from(at < 0 ? wanted : wanted.slice(0, at));
  const value = at < 0 ? undefined : Buffer.from(wanted.slice(at + 1));
  return (record) =>
    record.headerCount > 0 &&
    record
      .headers()
      .some((header) => header.name.equals(name) && (value === undefined || header.value?.equals(value) === true));
}

/** A null value matches nothing. */
function valueMatches(text: string): Filter {
  const expression = compileGrep(text);
  return ({ bytes, valueStart, valueLength }) =>
    valueLength >= 0 && expression.test(bytes.toString('utf8', valueStart, valueStart + valueLength));
}

/** These mean something else without the `u`, and nothing that anybody would look for. */
const UNICODE_ONLY = /\\(?:[pP]|u)\{/;

/**
 * With the `u`, so that `.` is a whole character and `\p{…}` is known; without it where that is too strict for what is pasted
 * from elsewhere: `\-`, `\"`, a bare `{` as in JSON.
 */
function compileGrep(text: string): RegExp {
  try {
    return compile(text, 'u') ?? new RegExp(text, UNICODE_ONLY.test(text) ? 'u' : '');
  } catch (cause) {
    const problem = `--grep '${text}' is no regular expression: ${(cause as Error).message.replace(/^.*: /s, '')}`;
    throw new BrokerError('USAGE', { problem, command: 'beck consume' }, { cause });
  }
}

function compile(text: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(text, flags);
  } catch {
    return undefined;
  }
}
