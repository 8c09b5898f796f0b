import * as Flags from '@oclif/core/flags';
import { BrokerError } from '../../errors.ts';
import { ACKS, type Acks, CODECS, type Codec } from '../../types.ts';
import { STAMP_BYTES } from './payload.ts';
import { type BenchPlan, defaultRecords } from './plan.ts';

const MAX_PROCESSES = 64;
const MAX_KEYS = 1e8;

export const benchFlags = {
  records: Flags.integer({
    char: 'n',
    helpValue: 'N',
    min: 1,
    summary: 'how many, of all writers together [default: 1 million; with --rate ten seconds of it]',
  }),
  size: Flags.integer({
    helpValue: 'BYTES',
    min: STAMP_BYTES,
    default: 100,
    summary: 'bytes of each value',
  }),
  rate: Flags.integer({
    helpValue: 'N',
    min: 0,
    default: 0,
    summary: 'records a second, of all writers together; 0 is flat out',
  }),
  batch: Flags.integer({
    helpValue: 'N',
    min: 0,
    default: 0,
    summary: 'records a commit; 0 is as produce does: flat out by size, paced what is due',
  }),
  keys: Flags.integer({
    helpValue: 'N',
    min: 0,
    max: MAX_KEYS,
    default: 0,
    summary: 'so many different keys; 0 is none',
  }),
  writers: Flags.integer({
    helpValue: 'N',
    min: 0,
    max: MAX_PROCESSES,
    default: 1,
    summary: 'processes that write',
  }),
  readers: Flags.integer({
    helpValue: 'N',
    min: 0,
    max: MAX_PROCESSES,
    default: 1,
    summary: 'processes that follow, each all of it; without writers they read what is there',
  }),
  partitions: Flags.integer({
    char: 'p',
    helpValue: 'N',
    min: 1,
    default: 1,
    summary: 'of the topic, where it is made',
  }),
  acks: Flags.option({
    options: ACKS,
    default: 'all',
    summary: 'all: survives power loss. 1: survives kill -9. 0: as 1, not waited for',
  })(),
  compress: Flags.option({
    char: 'z',
    options: CODECS,
    default: 'none',
    helpValue: 'CODEC',
    summary: `compress the batches: ${CODECS.join(', ')}`,
  })(),
  csv: Flags.boolean({ exclusive: ['json'], summary: 'print comma-separated values' }),
  part: Flags.string({ hidden: true, summary: 'what this process does of a run; said by bench itself' }),
};

interface GivenFlags extends Pick<BenchPlan, 'size' | 'keys' | 'batch' | 'rate' | 'writers' | 'readers'> {
  readonly records?: number | undefined;
  readonly acks: Acks;
  readonly compress: Codec;
  readonly 'data-dir'?: string | undefined;
}

/** What the topic is called where nobody sees it. */
const TOPIC = 'bench';

/** Throws USAGE. A topic of one's own is written to only when the folder is said, too: not by BECK_DATA_DIR alone. */
export function planOf(topic: string | undefined, flags: GivenFlags): BenchPlan {
  const { size, keys, batch, rate, writers, readers, acks, compress: codec } = flags;
  if ((topic === undefined) !== (flags['data-dir'] === undefined))
    throw usage(
      'TOPIC and --data-dir go together: records are written there, and stay',
      'without both it all happens in a temporary folder',
    );
  if (writers + readers === 0) throw usage('with no writer and no reader there is nothing to measure');
  if (writers === 0 && topic === undefined) throw usage('without a writer there is nothing to read in a new folder');
  const records = Math.max(flags.records ?? defaultRecords(rate), writers);
  return { topic: topic ?? TOPIC, records, size, keys, batch, rate, writers, readers, acks, codec };
}

function usage(problem: string, hint?: string): BrokerError {
  return new BrokerError('USAGE', { problem, command: 'beck bench', ...(hint === undefined ? {} : { hint }) });
}
