import * as Flags from '@oclif/core/flags';
import { groupFlags } from '../consume/group-flags.ts';
import { produceFlags } from '../produce/flags.ts';

const READING = 'READING';
const RUNNING = 'RUNNING';
const COMMAND = 'THE COMMAND';

/** Flags of a command between topics: what it reads, how it is run, what becomes of what it writes. */
export const pipeFlags = {
  group: Flags.string({
    char: 'g',
    required: true,
    helpValue: 'GROUP',
    helpGroup: READING,
    summary: 'remembers what has been piped; all pipes of one group share the partitions',
  }),
  once: Flags.boolean({
    helpGroup: READING,
    summary: 'end at the ends as they are now; without it, go on as records come',
  }),
  from: Flags.string({
    helpValue: 'POS',
    default: 'start',
    helpGroup: READING,
    summary: 'where to begin where nothing is committed: start, end, N, -N, +N or @TIME',
  }),
  'instance-id': { ...groupFlags['instance-id'], helpGroup: READING },
  assignor: { ...groupFlags.assignor, helpGroup: READING },
  'session-timeout': { ...groupFlags['session-timeout'], helpGroup: READING },
  batch: Flags.integer({
    helpValue: 'N',
    min: 1,
    default: 10_000,
    helpGroup: RUNNING,
    summary: 'records of one run of the command, at the most; or 4 MiB of them',
  }),
  linger: Flags.string({
    helpValue: 'D',
    helpGroup: RUNNING,
    summary: 'wait so long for more records (2s, 1m30s); without it what has come is run at once',
  }),
  'on-error': Flags.string({
    helpValue: 'stop|skip|dlq TOPIC',
    default: 'stop',
    helpGroup: RUNNING,
    summary: 'when the command fails: stop, or find the record and leave it out, or write it to TOPIC',
  }),
  output: Flags.string({
    char: 'o',
    helpValue: 'FORMAT',
    default: 'value',
    helpGroup: COMMAND,
    summary: "what it reads: value (lines), jsonl, json, table, or a template such as '%k %v\\n'",
  }),
  input: Flags.string({
    char: 'i',
    helpValue: 'FORMAT',
    default: 'value',
    helpGroup: COMMAND,
    summary: "what it writes: value (lines), jsonl, or a template such as '%k %v\\n'",
  }),
  delimiter: {
    ...produceFlags.delimiter,
    helpGroup: COMMAND,
    summary: 'what ends a record, on either side, instead of a newline',
  },
  null: { ...produceFlags.null, helpGroup: COMMAND, summary: 'records end in a NUL byte, on either side' },
  'null-value': { ...produceFlags['null-value'], helpGroup: COMMAND, summary: 'how a null is written, on either side' },
  whole: { ...produceFlags.whole, helpGroup: COMMAND, summary: 'all that a run writes is one record' },
  crlf: { ...produceFlags.crlf, helpGroup: COMMAND, summary: 'the lines that it writes end in CR LF; the CR goes too' },
  key: produceFlags.key,
  'key-delimiter': produceFlags['key-delimiter'],
  header: produceFlags.header,
  partition: produceFlags.partition,
  timestamp: produceFlags.timestamp,
  tombstone: { ...produceFlags.tombstone, summary: 'null values: each line is a key' },
  compress: produceFlags.compress,
  create: {
    ...produceFlags.create,
    summary: 'make the topics that are written to, with one partition, if they are not there',
  },
};
