/**
 * cli/input/: the bytes of FILEs and of stdin become records, which go to a sink.
 *
 * The room knows formats and where bytes come from. It must not know topics' partitions, batches or commits: those are the
 * sink's, below.
 *
 * N1  However the same bytes are cut into chunks, the same records come out.
 * N2  Bytes are bytes: a value is what stood in the input, and nothing is stripped unless a flag says so.
 * N3  What is no record is refused by its number, and costs no neighbour that can still be told from it.
 * N4  Memory does not grow with an input or a line, only with `maxRecordBytes`.
 * N5  Each input is finished before the next: no record lies in two.
 */
import type { RecordSink } from '../../client/cluster.ts';
import { BrokerError } from '../../errors.ts';
import { isTemplate } from '../template/parse.ts';
import { templateParser } from '../template/read.ts';
import { FixedTombstone } from './fixed-tombstone.ts';
import type { InputOptions, InputParser } from './input-parser.ts';
import { JsonlParser } from './jsonl.ts';
import { LineParser } from './lines.ts';
import { WholeParser } from './whole.ts';

export { unescape } from '../template/escapes.ts';
export type { InputOptions, InputParser } from './input-parser.ts';

const NEWLINE = Buffer.from('\n');

/** The flags that some formats take and others cannot. The others (`-p`, `--timestamp`, `--skip`) go with all. */
const FLAGS: Readonly<Record<string, (options: InputOptions) => boolean>> = {
  '-k': (options) => options.key !== null,
  '-K': (options) => options.keyDelimiter !== null,
  '-H': (options) => options.headers.length > 0,
  '-D': (options) => !options.delimiter.equals(NEWLINE),
  '--null-value': (options) => options.nullValue !== null,
  '--tombstone': (options) => options.tombstone,
  '--crlf': (options) => options.crlf,
  '--whole': (options) => options.whole,
};

export interface InputFormat {
  readonly name: string;
  /** One line of help. */
  readonly summary: string;
  /** Those of FLAGS that mean something here. */
  readonly takes: readonly string[];
  open(format: string, options: InputOptions, sink: RecordSink): InputParser;
}

/** `-i`: the formats by name; `whole` is chosen by its flag, `template` by a `%`. */
export const INPUT_FORMATS: readonly InputFormat[] = [
  {
    name: 'value',
    summary: 'each line is a value (-K: a key and a value)',
    takes: ['-k', '-K', '-H', '-D', '--null-value', '--tombstone', '--crlf'],
    open: (_, options, sink) =>
      options.tombstone && options.key !== null ? new FixedTombstone(options, sink) : new LineParser(options, sink),
  },
  {
    name: 'jsonl',
    summary: 'each line is a record in JSON, as `consume -o jsonl` prints it; blank lines are passed over',
    takes: ['-D', '--crlf'],
    open: (_, options, sink) => new JsonlParser(options, sink),
  },
  {
    name: 'template',
    summary: "a template such as '%k %v\\n', recognised by its %",
    takes: ['--null-value'],
    open: templateParser,
  },
  {
    name: 'whole',
    summary: 'each FILE, or all of stdin, is one value',
    takes: ['--whole', '-k', '-H', '--null-value'],
    open: (_, options, sink) => new WholeParser(options, sink),
  },
];

/**
 * The parser for `-i FORMAT`. Its records, and what it refuses, go to `sink`, numbered from 1: lines, or records where a record
 * is no line.
 * @throws BrokerError USAGE on a format that is not there, a malformed template, flags that do not go together
 */
export function openInput(format: string, options: InputOptions, sink: RecordSink): InputParser {
  const row = inputFormat(format, options.whole);
  for (const [flag, given] of Object.entries(FLAGS)) {
    if (given(options) && !row.takes.includes(flag))
      throw usage(`${flag} does not go with ${described(row, format)}`, TAKES_HINT);
  }
  checkPairs(options);
  return row.open(format, options, sink);
}

const TAKES_HINT =
  '-k, -K and -H go with lines, -k and -H with whole inputs; JSONL and templates say keys and headers themselves';

/** The row of `-i FORMAT`, with or without `--whole`. @throws BrokerError USAGE when there is none */
export function inputFormat(format: string, whole: boolean): InputFormat {
  const name = isTemplate(format) ? 'template' : whole && format === 'value' ? 'whole' : format;
  const row = INPUT_FORMATS.find((row) => row.name === name);
  if (row !== undefined && (row.name !== 'whole' || whole) && (row.name !== 'template' || isTemplate(format)))
    return row;
  throw usage(`there is no input format '${format}'`, "-i takes value, jsonl, or a template such as '%k %v\\n'");
}

function described(row: InputFormat, format: string): string {
  if (row.name === 'whole') return '--whole';
  return row.name === 'template' ? `the template '${format}'` : `-i ${row.name}`;
}

/** The pairs of flags that contradict each other. */
function checkPairs({ key, keyDelimiter, tombstone, delimiter, crlf }: InputOptions): void {
  if (key !== null && keyDelimiter !== null) throw usage('-k and -K both say what the key is', 'one of them');
  if (tombstone && keyDelimiter !== null)
    throw usage('with --tombstone each line is a key, so -K has nothing to part', 'leave out -K');
  if (keyDelimiter?.length === 0) throw usage('-K wants at least one byte', "-K '\\t' for a tab");
  if (delimiter.length === 0) throw usage('-D wants at least one byte', '--whole makes one record of each input');
  if (crlf && !delimiter.equals(NEWLINE)) throw usage('--crlf is for lines that end in \\n', 'leave out -D or --crlf');
}

function usage(problem: string, hint: string): BrokerError {
  return new BrokerError('USAGE', { problem, hint });
}
