import { clockTime, dateTime, NOTHING } from '../units.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { PrintContext, RecordPrinter, RecordView } from './printer.ts';
import { cutText, padText, textWidth } from './text-width.ts';
import { visibleText } from './visible-text.ts';

/** The terminal that is printed to; `process.stdout` is one. */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  /** Its width, read again for every screenful. */
  readonly columns?: number | undefined;
}

export interface TableOptions {
  readonly terminal: Terminal;
  /** Whether records of several topics come, so that each must say its own. */
  readonly manyTopics: boolean;
  /** Today (ms), whose date goes without saying on a terminal. */
  readonly now: number;
}

type ColumnName = 'TOPIC' | 'P' | 'OFFSET' | 'TIME' | 'KEY' | 'VALUE';

interface Column {
  readonly name: ColumnName;
  /** Digits stand to the right. */
  readonly right: boolean;
  readonly least: number;
}

const column = (name: ColumnName, right = false, least = name.length): Column => ({ name, right, least });
const COLUMNS: readonly Column[] = [
  column('TOPIC'),
  column('P', true, 2),
  column('OFFSET', true),
  column('TIME'),
  column('KEY'),
  column('VALUE'),
];

/** The columns that go, in this order, where a terminal has no room for key and value. */
const LEAST_NEEDED: readonly ColumnName[] = ['TIME', 'P', 'OFFSET', 'TOPIC'];
const TEXT_ROOM = 24;

/** Kafka's timestamp of a record that has none. */
const NO_TIMESTAMP = -1;

const GAP = '  ';

type Row = Readonly<Record<ColumnName, string>>;

/**
 * Prints records for people. On a terminal in aligned columns cut to its width: rows are held until `flush`, columns are as wide as
 * the widest row so far and never shrink. Elsewhere with tabs between, and nothing is cut.
 */
export class TablePrinter implements RecordPrinter {
  readonly #options: TableOptions;
  readonly #today: string;
  #rows: Row[] = [];
  #widths = new Map<ColumnName, number>(COLUMNS.map(({ name, least }) => [name, least]));
  #headed = false;

  constructor(options: TableOptions) {
    this.#options = options;
    this.#today = localDate(options.now);
  }

  begin(): void {}

  write({ topic, partition }: PrintContext, record: RecordView, out: OutputBuffer): void {
    const { bytes, keyStart, keyLength, valueStart, valueLength } = record;
    this.#rows.push({
      TOPIC: topic,
      P: String(partition),
      OFFSET: String(record.offset),
      TIME: this.#time(record.timestamp),
      KEY: visibleText(keyLength < 0 ? null : bytes.subarray(keyStart, keyStart + keyLength)),
      VALUE: visibleText(valueLength < 0 ? null : bytes.subarray(valueStart, valueStart + valueLength)),
    });
    if (!this.#aligned) this.flush(out);
  }

  flush(out: OutputBuffer): void {
    if (this.#rows.length === 0) return;
    const lines = this.#aligned ? this.#alignedLines() : this.#tabbedLines();
    this.#headed = true;
    this.#rows = [];
    for (const line of lines) out.text(`${line}\n`);
  }

  end(out: OutputBuffer): void {
    this.flush(out);
  }

  get #aligned(): boolean {
    return this.#options.terminal.isTTY === true;
  }

  #columns(): Column[] {
    return COLUMNS.filter(({ name }) => name !== 'TOPIC' || this.#options.manyTopics);
  }

  #tabbedLines(): string[] {
    const names = this.#columns().map(({ name }) => name);
    const lines = this.#rows.map((row) => names.map((name) => row[name]).join('\t'));
    return this.#headed ? lines : [names.join('\t'), ...lines];
  }

  #alignedLines(): string[] {
    for (const row of this.#rows) {
      for (const [name, width] of this.#widths) this.#widths.set(name, Math.max(width, textWidth(row[name])));
    }
    const { columns, widths } = layOut(this.#columns(), this.#widths, this.#options.terminal.columns ?? 80);
    const head = Object.fromEntries(COLUMNS.map(({ name }) => [name, name])) as Row;
    return (this.#headed ? this.#rows : [head, ...this.#rows]).map((row) => alignedLine(row, columns, widths));
  }

  /** Local time; on a terminal without the date when it is today's. */
  #time(timestamp: number): string {
    if (timestamp === NO_TIMESTAMP || Number.isNaN(new Date(timestamp).getTime()))
      return timestamp === NO_TIMESTAMP ? NOTHING : String(timestamp);
    const date = localDate(timestamp);
    return this.#aligned && date === this.#today ? clockTime(timestamp) : `${date} ${clockTime(timestamp)}`;
  }
}

function alignedLine(row: Row, columns: readonly Column[], widths: ReadonlyMap<ColumnName, number>): string {
  const cells = columns.map(({ name, right }) => {
    const width = widths.get(name) as number;
    return right ? row[name].padStart(width) : padText(cutText(row[name], width), width);
  });
  return cells.join(GAP).trimEnd();
}

/** Which columns a terminal has room for, and how wide each is: keys get a third of what key and value share. */
function layOut(
  all: readonly Column[],
  natural: ReadonlyMap<ColumnName, number>,
  total: number,
): { columns: Column[]; widths: Map<ColumnName, number> } {
  let columns = [...all];
  for (const name of LEAST_NEEDED)
    if (textRoom(columns, natural, total) < TEXT_ROOM) columns = columns.filter((column) => column.name !== name);
  const room = Math.max(textRoom(columns, natural, total), 2);
  const key = natural.get('KEY') as number;
  const value = natural.get('VALUE') as number;
  const keyWidth = key + value <= room ? key : Math.min(key, Math.max(Math.floor(room / 3), room - value, 1));
  const widths = new Map(natural).set('KEY', keyWidth).set('VALUE', Math.max(room - keyWidth, 1));
  return { columns, widths };
}

/** What the other columns leave to key and value. */
function textRoom(columns: readonly Column[], natural: ReadonlyMap<ColumnName, number>, total: number): number {
  const others = columns.filter(({ name }) => name !== 'KEY' && name !== 'VALUE');
  const taken = others.reduce((sum, { name }) => sum + (natural.get(name) as number) + GAP.length, 0);
  return total - taken - GAP.length;
}

function localDate(timestamp: number): string {
  return dateTime(timestamp).split(' ')[0] as string;
}
