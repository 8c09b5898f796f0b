/**
 * A row is a line. On a terminal the columns are aligned and fit its width; in a pipe they are separated by a tab, nothing is
 * cut and nothing is coloured, so that `cut`, `awk` and `sort` can work on them.
 */
import type { Environment, Writer } from './io.ts';
import { printable } from './printable.ts';
import { type Style, styleFor } from './style.ts';

export interface Column<Row> {
  readonly title: string;
  /** Numbers to the right, so that they can be compared; default left. */
  readonly align?: 'left' | 'right';
  readonly value: (row: Row) => string;
  /** Which columns go first when the terminal is narrow: 1, then 2 …; without a number it stays. */
  readonly drop?: number;
  /** The colour of the cell, where it has one. */
  readonly paint?: (row: Row, style: Style) => ((text: string) => string) | undefined;
}

/** Space between two columns of a terminal. */
const GAP = 2;
/** No text is cut to less. */
const LEAST_WIDTH = 8;

/** The lines of the table, each ended. `writer` is where they will go. */
export async function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { writer, env }: { readonly writer: Pick<Writer, 'isTTY' | 'columns'>; readonly env: Environment },
): Promise<string> {
  const cells = rows.map((row) => columns.map((column) => printable(column.value(row))));
  if (!writer.isTTY) return tabbed([columns.map((column) => column.title), ...cells]);
  const { strlen } = await import('cli-table3/src/utils.js');
  const widths = columns.map(({ title }, i) => Math.max(strlen(title), ...cells.map((row) => strlen(row[i] ?? ''))));
  const shown = fitted(columns, widths, writer.columns ?? 80);
  const style = await styleFor(writer, env);
  const painted = rows.map((row, r) =>
    shown.map(({ index }) => (columns[index]?.paint?.(row, style) ?? String)(cells[r]?.[index] ?? '')),
  );
  return aligned(columns, shown, painted);
}

interface Shown {
  readonly index: number;
  readonly width: number;
}

/** Which columns are shown, how wide: the least needed go first, then the widest texts are cut. */
function fitted<Row>(columns: readonly Column<Row>[], widths: readonly number[], room: number): readonly Shown[] {
  let shown = widths.map((width, index) => ({ index, width }));
  const leaving = columns
    .map(({ drop }, index) => ({ drop, index }))
    .filter((column): column is { drop: number; index: number } => column.drop !== undefined)
    .sort((a, b) => a.drop - b.drop);
  for (const { index } of leaving) {
    if (total(shown) <= room) break;
    shown = shown.filter((column) => column.index !== index);
  }
  return cutWidest(columns, shown, total(shown) - room);
}

/** Numbers are never cut: a cut number is another number. */
function cutWidest<Row>(columns: readonly Column<Row>[], shown: readonly Shown[], excess: number): readonly Shown[] {
  const widths = shown.map(({ index, width }) => (columns[index]?.align === 'right' ? 0 : width));
  let left = excess;
  while (left > 0) {
    const widest = Math.max(...widths);
    if (widest <= LEAST_WIDTH) break;
    widths[widths.indexOf(widest)] = widest - 1;
    left--;
  }
  return shown.map(({ index, width }, i) => ({ index, width: widths[i] || width }));
}

function total(shown: readonly Shown[]): number {
  return shown.reduce((sum, { width }) => sum + width + GAP, -GAP);
}

async function aligned<Row>(
  columns: readonly Column<Row>[],
  shown: readonly Shown[],
  cells: string[][],
): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const lines = new Table({
    head: shown.map(({ index }) => columns[index]?.title ?? ''),
    colAligns: shown.map(({ index }) => columns[index]?.align ?? 'left'),
    colWidths: shown.map(({ width }) => width + GAP),
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
  });
  lines.push(...cells);
  return lines
    .toString()
    .split('\n')
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function tabbed(lines: readonly (readonly string[])[]): string {
  return lines.map((cells) => `${cells.join('\t')}\n`).join('');
}

const NO_BORDERS = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
    'middle',
  ].map((place) => [place, '']),
);
