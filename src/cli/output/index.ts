/**
 * cli/output/: records become bytes for stdout.
 *
 * The room knows formats and how wide a terminal is. It must not write to stdout, nor know where records come from: printers
 * read a RecordView, which a batch's cursor and a record just written both are.
 *
 * O1  `jsonl` and `json` are lossless: what is printed is read again as the same bytes, null, empty and "null" apart. Only a
 *     negative time, which the log may hold and a producer cannot give, is printed and not read.
 * O2  `value` prints the value's bytes and the delimiter, nothing else, without an object a record.
 * O3  What is not for a terminal is not cut, aligned or coloured.
 * O4  A printer holds nothing back over a `flush`.
 */
import { BrokerError } from '../../errors.ts';
import { isTemplate } from '../template/parse.ts';
import { JsonlPrinter, JsonPrinter } from './jsonl.ts';
import type { RecordPrinter } from './printer.ts';
import { TablePrinter, type Terminal } from './table.ts';
import { TemplatePrinter } from './template-printer.ts';
import { ValuePrinter } from './value.ts';

export { OutputBuffer } from './output-buffer.ts';
export { type EchoedRecord, printRecord } from './placed-view.ts';
export type { BatchFacts, PrintContext, RecordPrinter, RecordView } from './printer.ts';

export interface OutputOptions {
  /** -D: what follows a record; "\n" by default, one NUL for -0, nothing allowed. */
  readonly delimiter: Buffer;
  /** --null-value: what a null prints as, where a format has no null of its own. */
  readonly nullValue?: Buffer | null | undefined;
  readonly terminal: Terminal;
  /** Whether records of more than one topic come. */
  readonly manyTopics: boolean;
  /** The time of the run, in ms; the clock's when absent. */
  readonly now?: number | undefined;
}

export interface OutputFormat {
  readonly name: string;
  /** One line of help. */
  readonly summary: string;
  /** It has an end, so that it cannot follow. */
  readonly bounded: boolean;
  /** Whether -D and --null-value mean something here. */
  readonly delimited: boolean;
  readonly nullable: boolean;
  open(format: string, options: OutputOptions): RecordPrinter;
}

/** `-o`: the formats by name; `template` is chosen by a `%`. */
export const OUTPUT_FORMATS: readonly OutputFormat[] = [
  {
    name: 'value',
    summary: 'the value and a newline; a null value is an empty line (--null-value TEXT prints TEXT)',
    bounded: false,
    delimited: true,
    nullable: true,
    open: (_, options) => new ValuePrinter(options.delimiter, options.nullValue ?? null),
  },
  {
    name: 'jsonl',
    summary: 'the whole record in JSON, one a line, lossless: `produce -i jsonl` reads it',
    bounded: false,
    delimited: true,
    nullable: false,
    open: (_, options) => new JsonlPrinter(options.delimiter),
  },
  {
    name: 'json',
    summary: 'one JSON array of all records; not with -f',
    bounded: true,
    delimited: false,
    nullable: false,
    open: () => new JsonPrinter(),
  },
  {
    name: 'table',
    summary: 'columns for people; in a pipe parted by tabs',
    bounded: false,
    delimited: false,
    nullable: false,
    open: (_, options) => new TablePrinter({ ...options, now: options.now ?? Date.now() }),
  },
  {
    name: 'template',
    summary: "a template such as '%o %k %v\\n', recognised by its %; no newline of its own",
    bounded: false,
    delimited: false,
    nullable: true,
    open: (format, options) => new TemplatePrinter(format, options.nullValue ?? null),
  },
];

/** The row of `-o FORMAT`. @throws BrokerError USAGE when there is none */
export function outputFormat(format: string): OutputFormat {
  const name = isTemplate(format) ? 'template' : format;
  const row = OUTPUT_FORMATS.find((row) => row.name === name && (name !== 'template' || isTemplate(format)));
  if (row === undefined)
    throw usage(
      `there is no output format '${format}'`,
      "-o takes value, jsonl, json, table, or a template such as '%o %k %v\\n'",
    );
  return row;
}

/**
 * The printer for `-o FORMAT`.
 * @throws BrokerError USAGE on a format that is not there, a malformed template, flags that do not go with the format
 */
export function openOutput(format: string, options: OutputOptions): RecordPrinter {
  const row = outputFormat(format);
  if (!row.delimited && !options.delimiter.equals(NEWLINE))
    throw usage(`-D does not go with -o ${row.name}`, '-D and -0 go with value and jsonl');
  if (!row.nullable && (options.nullValue ?? null) !== null)
    throw usage(`--null-value does not go with -o ${row.name}`, '--null-value goes with value and templates');
  return row.open(format, options);
}

const NEWLINE = Buffer.from('\n');

function usage(problem: string, hint: string): BrokerError {
  return new BrokerError('USAGE', { problem, hint });
}
