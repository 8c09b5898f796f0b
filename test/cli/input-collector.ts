import { type InputOptions, openInput } from '../../src/cli/input/index.ts';
import type { RecordSink } from '../../src/client/cluster.ts';
import type { BrokerError } from '../../src/errors.ts';
import type { Header } from '../../src/types.ts';

/** What a parser gave for one line: a record or a refusal, in the order in which they came. */
export interface Collected {
  readonly line: number;
  readonly topic?: string;
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly headers?: readonly Header[];
  readonly timestamp?: number | undefined;
  readonly partition?: number | undefined;
  readonly refused?: BrokerError;
}

export const PLAIN: InputOptions = {
  topic: 't',
  delimiter: Buffer.from('\n'),
  keyDelimiter: null,
  key: null,
  headers: [],
  nullValue: null,
  tombstone: false,
  whole: false,
  skip: 0,
  crlf: false,
  maxRecordBytes: 1 << 20,
};

/** A sink that keeps copies, as a producer does. */
export class Collector implements RecordSink {
  readonly got: Collected[] = [];

  bytes(src: Uint8Array, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number, line: number): void {
    const part = (start: number, end: number) => (start === -1 ? null : Buffer.from(src.slice(start, end)));
    this.got.push({ line, key: part(keyStart, keyEnd), value: part(valueStart, valueEnd), headers: [] });
  }

  record(
    { topic, key, value, headers, timestamp, partition }: Parameters<RecordSink['record']>[0],
    line: number,
  ): void {
    const rest = {
      ...(topic === undefined ? {} : { topic }),
      ...(timestamp === undefined ? {} : { timestamp }),
      ...(partition === undefined ? {} : { partition }),
    };
    this.got.push({ line, key, value, headers, ...rest });
  }

  refuse(line: number, error: BrokerError): void {
    this.got.push({ line, refused: error });
  }
}

/** Parses `chunks`, each handed over in memory that is overwritten afterwards, as one input. */
export function parse(
  format: string,
  options: Partial<InputOptions>,
  ...chunks: readonly (Buffer | string)[]
): Collected[] {
  const sink = new Collector();
  const parser = openInput(format, { ...PLAIN, ...options }, sink);
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk as string);
    parser.push(bytes);
    bytes.fill(0x23);
  }
  parser.end();
  return sink.got;
}

/** `key=value` of each record, `!CODE message` of each refusal, with its line: short enough for a table of cases. */
export function summary(got: readonly Collected[]): string[] {
  const text = (bytes: Buffer | null | undefined) => (bytes == null ? 'null' : `'${bytes.toString('latin1')}'`);
  return got.map(({ line, refused, key, value }) =>
    refused ? `${line} !${refused.code} ${refused.message}` : `${line} ${text(key)}=${text(value)}`,
  );
}

/** The chunks of `bytes`, cut at `cuts`. */
export function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...[...cuts].sort((a, b) => a - b).filter((cut) => cut <= bytes.length), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}
