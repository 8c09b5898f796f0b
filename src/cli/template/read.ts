import type { RecordSink } from '../../client/cluster.ts';
import type { BrokerError } from '../../errors.ts';
import type { InputOptions, InputParser } from '../input/input-parser.ts';
import { LineSplitter } from '../input/line-splitter.ts';
import { notARecord, refuseTime, shown, tooLarge } from '../input/refusals.ts';
import { compileRead, type ReadPlan } from './compile-read.ts';
import { Draft } from './draft.ts';
import { isTemplate, parseTemplate } from './parse.ts';
import { hasField } from './part-queries.ts';
import { Mismatch, type Step, type Window } from './steps.ts';

/** Room in a line for what is not a field: the template's literals, numbers. */
const LINE_ROOM = 4096;

/** @throws BrokerError USAGE on a template that cannot be read */
export function templateParser(template: string, options: InputOptions, sink: RecordSink): InputParser {
  const plan = compileRead(template, options);
  return plan.line === null ? new StreamReader(plan, options, sink) : new LineReader(plan, plan.line, options, sink);
}

/** Whether an input of this format names each record's topic. @throws BrokerError USAGE on a malformed template */
export function readsTopic(format: string): boolean {
  return isTemplate(format) && hasField(parseTemplate(format), 't');
}

/** What both readers do with a record that has been read. */
class RecordOutlet {
  readonly #options: InputOptions;
  readonly #sink: RecordSink;
  readonly #noun: string;

  constructor(options: InputOptions, sink: RecordSink, noun: string) {
    this.#options = options;
    this.#sink = sink;
    this.#noun = noun;
  }

  give(draft: Draft, number: number): void {
    const { skip, maxRecordBytes, timestamp, partition } = this.#options;
    if (draft.size > maxRecordBytes) return this.refuse(number, tooLarge(draft.size, this.#options));
    if (draft.problem !== null) return this.mismatch(number, draft.problem);
    const { topic, key, value, headers } = draft;
    const record = {
      topic,
      key,
      value,
      headers,
      timestamp: timestamp ?? draft.timestamp,
      partition: partition ?? draft.partition,
    };
    const refusal = refuseTime(record.timestamp);
    if (refusal !== undefined) return this.refuse(number, refusal);
    if (number > skip) this.#sink.record(record, number);
  }

  mismatch(number: number, problem: string): void {
    this.refuse(number, notARecord(`${this.#noun} ${number}`, problem));
  }

  refuse(number: number, error: BrokerError): void {
    if (number > this.#options.skip) this.#sink.refuse(number, error);
  }
}

/** Reads templates whose records are lines: a line that does not match costs no other. */
class LineReader implements InputParser {
  readonly needsInput = true;
  readonly #steps: readonly Step[];
  readonly #outlet: RecordOutlet;
  readonly #splitter: LineSplitter;
  readonly #isNewline: boolean;

  constructor(plan: ReadPlan, delimiter: Buffer, options: InputOptions, sink: RecordSink) {
    this.#steps = plan.steps;
    this.#isNewline = delimiter.equals(Buffer.from('\n'));
    this.#outlet = new RecordOutlet(options, sink, this.#isNewline ? 'line' : 'record');
    this.#splitter = new LineSplitter({
      delimiter,
      crlf: false,
      maxBytes: plan.expansion * options.maxRecordBytes + LINE_ROOM,
      onLine: (src, start, end, line) => this.#line({ bytes: src, at: start, end, final: true }, line),
      onTooLong: (bytes, line) => this.#outlet.refuse(line, tooLarge(bytes, options)),
    });
  }

  get warnsCarriageReturns(): boolean {
    return this.#isNewline && this.#splitter.everyLineHasReturn;
  }

  push(chunk: Buffer): void {
    this.#splitter.push(chunk);
  }

  end(): void {
    this.#splitter.end();
  }

  #line(window: Window, line: number): void {
    const draft = new Draft();
    try {
      for (const step of this.#steps) step.run(window, draft);
      if (window.at < window.end)
        throw new Mismatch(`${shown(window.bytes.subarray(window.at, window.end))} is left after the last field`);
      this.#outlet.give(draft, line);
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      for (const step of this.#steps) step.reset();
      this.#outlet.mismatch(line, error.message);
    }
  }
}

const NOTHING = Buffer.alloc(0);

/** Reads templates whose records end where their last field ends: sizes, JSON values, several lines. */
class StreamReader implements InputParser {
  readonly needsInput = true;
  readonly warnsCarriageReturns = false;
  readonly #plan: ReadPlan;
  readonly #outlet: RecordOutlet;
  /** What has arrived and has not been read. */
  #pending = NOTHING;
  #draft = new Draft();
  #step = 0;
  /** Whether a record has begun: some of its bytes are gone from `#pending`. */
  #begun = false;
  #number = 0;
  /** Looking for the end of a record that does not match, or, where that cannot be told, for the end of the input. */
  #lost = false;

  constructor(plan: ReadPlan, options: InputOptions, sink: RecordSink) {
    this.#plan = plan;
    this.#outlet = new RecordOutlet(options, sink, 'record');
  }

  push(chunk: Buffer): void {
    this.#read(chunk, false);
  }

  end(): void {
    this.#read(NOTHING, true);
    this.#pending = NOTHING;
    this.#startRecord();
    this.#lost = false;
  }

  #read(chunk: Buffer, final: boolean): void {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const window: Window = { bytes, at: 0, end: bytes.length, final };
    while (this.#goOn(window));
    this.#pending = Buffer.from(bytes.subarray(window.at));
  }

  /** One record, or as much of it as there is; false when there is no more to be had. */
  #goOn(window: Window): boolean {
    if (this.#lost && !this.#find(window)) return false;
    if (!this.#begun && this.#atEnd(window)) return false;
    try {
      if (!this.#steps(window)) return false;
      this.#outlet.give(this.#draft, ++this.#number);
      this.#startRecord();
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      this.#lose(error.message);
    }
    return true;
  }

  #steps(window: Window): boolean {
    const { steps } = this.#plan;
    for (; this.#step < steps.length; this.#step++) {
      const from = window.at;
      const done = (steps[this.#step] as Step).run(window, this.#draft);
      if (window.at > from) this.#begun = true;
      if (!done) return false;
    }
    return true;
  }

  /** Whether no other record begins here. White space before JSON is no record. */
  #atEnd(window: Window): boolean {
    if (this.#plan.skipsSpace)
      while (window.at < window.end && ' \t\r\n'.includes(String.fromCharCode(window.bytes[window.at] as number)))
        window.at++;
    return window.at === window.end;
  }

  #startRecord(): void {
    for (const step of this.#plan.steps) step.reset();
    this.#draft = new Draft();
    this.#step = 0;
    this.#begun = false;
  }

  #lose(problem: string): void {
    const rest = this.#plan.resync === null ? '; nothing after it can be read' : '';
    this.#outlet.mismatch(++this.#number, problem + rest);
    this.#startRecord();
    this.#lost = true;
  }

  /** Goes on behind the next end of a record; false when it is not there yet. What is skipped is let go. */
  #find(window: Window): boolean {
    const end = this.#plan.resync;
    const at = end === null ? -1 : window.bytes.indexOf(end, window.at);
    this.#lost = at === -1;
    const kept = end === null ? 0 : Math.min(end.length - 1, window.end - window.at);
    window.at = end === null || at === -1 ? window.end - kept : at + end.length;
    return !this.#lost;
  }
}
