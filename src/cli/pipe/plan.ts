import type { ProduceOptions } from '../../client/cluster.ts';
import type { GroupConsumeOptions } from '../../client/group-reader.ts';
import { BrokerError } from '../../errors.ts';
import type { AssignorName } from '../../group/assignor/index.ts';
import type { Codec } from '../../types.ts';
import { groupOptions } from '../consume/group-flags.ts';
import { delimiterOf } from '../delimiter.ts';
import { parseDuration } from '../durations.ts';
import { inputFormat, openInput } from '../input/index.ts';
import { openOutput, outputFormat, type RecordPrinter } from '../output/index.ts';
import { parsePosition } from '../positions.ts';
import { checkInput, type GivenRecordFlags, inputOptions } from '../produce/flags.ts';
import { type OnError, parseOnError } from './on-error.ts';
import type { OpenParser } from './outlet.ts';
import { pipeWords } from './words.ts';

export interface GivenPipe extends Omit<GivenRecordFlags, 'skip'> {
  readonly group: string;
  readonly once: boolean;
  readonly from: string;
  readonly 'instance-id'?: string | undefined;
  readonly assignor?: AssignorName | undefined;
  readonly 'session-timeout'?: string | undefined;
  readonly batch: number;
  readonly linger?: string | undefined;
  readonly 'on-error': string;
  readonly output: string;
  readonly input: string;
  readonly compress: Codec;
  readonly create: boolean;
}

/** What is asked, before anything is opened. */
export interface PipePlan {
  readonly reading: GroupConsumeOptions;
  readonly writing: Pick<ProduceOptions, 'topic' | 'create' | 'codec' | 'partition'>;
  readonly onError: OnError;
  readonly batch: number;
  /** ms */
  readonly lingerMs: number;
  readonly openPrinter: () => RecordPrinter;
  readonly openParser: OpenParser;
}

const NEWLINE = Buffer.from('\n');

/** Throws USAGE for words and flags that contradict each other. `now` in ms. */
export function pipePlan(words: readonly string[], flags: GivenPipe, now: number): PipePlan {
  const onError = parseOnError(flags['on-error']);
  const { from: names, to } = pipeWords(words, flags.input, onError.what === 'dlq' ? onError.topic : undefined);
  const reads = { topics: { names }, from: parsePosition(flags.from, now), follow: !flags.once };
  return {
    reading: groupOptions(
      { ...reads, isolation: 'read_committed' },
      { ...flags, partition: undefined, 'at-most-once': false },
    ) as GroupConsumeOptions,
    writing: { topic: to, create: flags.create, codec: flags.compress, partition: flags.partition },
    onError,
    batch: flags.batch,
    lingerMs: flags.once || flags.linger === undefined ? 0 : parseDuration(flags.linger),
    openPrinter: printerOf(flags, now, names.length > 1),
    openParser: parserOf(flags, now, to),
  };
}

/** A printer for one run of the command, which has a beginning and an end: `-o json` too is for it. */
function printerOf(flags: GivenPipe, now: number, manyTopics: boolean): () => RecordPrinter {
  const { delimited, nullable } = outputFormat(flags.output);
  const delimiter = delimited ? delimiterOf(flags) : NEWLINE;
  const nullValue = nullable && flags['null-value'] !== undefined ? Buffer.from(flags['null-value']) : null;
  const open = () => openOutput(flags.output, { delimiter, nullValue, terminal: {}, manyTopics, now });
  open();
  return open;
}

/** `-D`, `-0` and `--null-value` are for both sides; one that can't have them does without when the other has them. */
function parserOf(flags: GivenPipe, now: number, topic: string | null): OpenParser {
  const { input, output, whole } = flags;
  const { takes } = inputFormat(input, whole);
  const { delimited, nullable } = outputFormat(output);
  const all = inputOptions({ ...flags, skip: 0 }, { topic, now });
  const options = {
    ...all,
    delimiter: takes.includes('-D') || !delimited ? all.delimiter : NEWLINE,
    nullValue: takes.includes('--null-value') || !nullable ? all.nullValue : null,
  };
  checkInput(input, options, []);
  if (flags.tombstone && flags.key !== undefined) {
    const problem = '-k with --tombstone says all there is to say, whatever the command writes';
    throw new BrokerError('USAGE', { problem, hint: 'without -k each line is a key' });
  }
  return (sink, maxRecordBytes) => openInput(input, { ...options, maxRecordBytes }, sink);
}
