import * as Flags from '@oclif/core/flags';
import type { RecordSink } from '../../client/cluster.ts';
import { BrokerError } from '../../errors.ts';
import { ACKS, CODECS, type Header } from '../../types.ts';
import { delimiterOf } from '../delimiter.ts';
import { type InputOptions, openInput } from '../input/index.ts';
import { parseTime } from '../positions.ts';
import { unescape } from '../template/escapes.ts';

/** Flags of commands that make records from bytes. */
export const produceFlags = {
  key: Flags.string({ char: 'k', helpValue: 'KEY', helpGroup: 'RECORDS', summary: 'the key of every record' }),
  'key-delimiter': Flags.string({
    char: 'K',
    helpValue: 'DELIM',
    helpGroup: 'RECORDS',
    summary: 'each line is a key, DELIM (\\t for a tab) and a value',
  }),
  header: Flags.string({
    char: 'H',
    helpValue: 'name=value',
    helpGroup: 'RECORDS',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'a header of every record; without = its value is null',
  }),
  partition: Flags.integer({
    char: 'p',
    helpValue: 'N',
    min: 0,
    helpGroup: 'RECORDS',
    summary: 'every record into this partition',
  }),
  timestamp: Flags.string({
    helpValue: 'TIME',
    helpGroup: 'RECORDS',
    summary: 'the time of every record: ISO 8601, epoch ms, or back from now (-1h)',
  }),
  tombstone: Flags.boolean({
    helpGroup: 'RECORDS',
    summary: 'null values: each line is a key; with -k one record and no input',
  }),
  'null-value': Flags.string({
    helpValue: 'TEXT',
    helpGroup: 'RECORDS',
    summary: 'a key or value that is TEXT is null',
  }),
  input: Flags.string({
    char: 'i',
    helpValue: 'FORMAT',
    helpGroup: 'INPUT',
    default: 'value',
    summary: "value (lines), jsonl, or a template such as '%k %v\\n'",
  }),
  delimiter: Flags.string({
    char: 'D',
    helpValue: 'DELIM',
    helpGroup: 'INPUT',
    exclusive: ['null'],
    summary: 'what ends a record, instead of a newline',
  }),
  null: Flags.boolean({
    char: '0' as 'Z',
    helpGroup: 'INPUT',
    summary: 'records end in a NUL byte, as from find -print0',
  }),
  whole: Flags.boolean({ helpGroup: 'INPUT', summary: 'each FILE, or all of stdin, is one record' }),
  crlf: Flags.boolean({ helpGroup: 'INPUT', summary: 'lines end in CR LF; the CR goes too' }),
  skip: Flags.integer({
    helpValue: 'LINES',
    helpGroup: 'INPUT',
    min: 0,
    default: 0,
    summary: 'leave out so many at the start, to go on after a failure',
  }),
  acks: Flags.option({
    options: ACKS,
    default: 'all',
    helpGroup: 'STORING',
    summary: 'all: survives power loss. 1: survives kill -9. 0: as 1, not waited for',
  })(),
  compress: Flags.option({
    char: 'z',
    options: CODECS,
    default: 'none',
    helpValue: 'CODEC',
    helpGroup: 'STORING',
    summary: `compress the batches: ${CODECS.join(', ')}`,
  })(),
  create: Flags.boolean({ helpGroup: 'STORING', summary: 'make the topic, with one partition, if it is not there' }),
};

const NOWHERE: RecordSink = { bytes: () => undefined, record: () => undefined, refuse: () => undefined };

export interface GivenRecordFlags {
  readonly key?: string | undefined;
  readonly 'key-delimiter'?: string | undefined;
  readonly header?: readonly string[] | undefined;
  readonly partition?: number | undefined;
  readonly timestamp?: string | undefined;
  readonly tombstone: boolean;
  readonly 'null-value'?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly null: boolean;
  readonly whole: boolean;
  readonly crlf: boolean;
  readonly skip: number;
}

/** What the flags say of reading records, before the topic says how large one may be. Throws USAGE. */
export function inputOptions(
  flags: GivenRecordFlags,
  { topic, now }: { topic: string | null; now: number },
): InputOptions {
  const bytes = (text: string | undefined) => (text === undefined ? null : Buffer.from(text));
  return {
    topic,
    maxRecordBytes: Number.POSITIVE_INFINITY,
    delimiter: delimiterOf(flags),
    keyDelimiter: flags['key-delimiter'] === undefined ? null : unescape(flags['key-delimiter']),
    key: bytes(flags.key),
    headers: (flags.header ?? []).map(parseHeader),
    timestamp: flags.timestamp === undefined ? undefined : recordTime(flags.timestamp, now),
    partition: flags.partition,
    nullValue: bytes(flags['null-value']),
    tombstone: flags.tombstone,
    whole: flags.whole,
    skip: flags.skip,
    crlf: flags.crlf,
  };
}

/** A time that Kafka's producer would take too. Throws USAGE. */
function recordTime(given: string, now: number): number {
  const time = parseTime(given, now);
  if (time >= 0) return time;
  const problem = `--timestamp ${given} is before 1970, and no producer may give a record such a time`;
  throw new BrokerError('USAGE', { problem, hint: 'leave it out, and the time is now' });
}

/** Before anything is made or read: throws USAGE for flags and FILEs that contradict each other. */
export function checkInput(format: string, options: InputOptions, files: readonly string[]): void {
  const { needsInput } = openInput(format, options, NOWHERE);
  if (needsInput || files.length === 0) return;
  const problem = '-k with --tombstone says all there is to say, so no FILE is read';
  throw new BrokerError('USAGE', { problem, hint: 'without -k each line of a FILE is a key' });
}

/** `name=value`; `name=` is empty, `name` alone is null. */
function parseHeader(given: string): Header {
  const at = given.indexOf('=');
  return at < 0
    ? { name: Buffer.from(given), value: null }
    : { name: Buffer.from(given.slice(0, at)), value: Buffer.from(given.slice(at + 1)) };
}
