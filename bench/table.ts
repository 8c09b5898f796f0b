import type { Row } from './row.ts';

const TITLES = ['', 'MEASURED', 'SPREAD', 'WANTED', 'MEDIANS', 'METHOD'] as const;
/** Words to the left, numbers to the right. */
const RIGHT = [false, true, true, true, true, false];

/** The one table: a heading a group, aligned, never cut. */
export function tableOf(rows: readonly Row[]): string {
  const groups = [...new Set(rows.map(({ group }) => group))];
  const cells = new Map(rows.map((row) => [row, cellsOf(row)]));
  const widths = TITLES.map((title, i) =>
    Math.max(title.length, ...[...cells.values()].map((line) => (line[i] as string).length)),
  );
  const line = (texts: readonly string[]) =>
    texts
      .map((text, i) => (RIGHT[i] ? text.padStart(widths[i] as number) : text.padEnd(widths[i] as number)))
      .join('  ')
      .trimEnd();
  return [
    line(TITLES),
    ...groups.flatMap((group) => [
      `\n${group}`,
      ...rows.filter((row) => row.group === group).map((row) => line(cells.get(row) as string[])),
    ]),
    '',
  ].join('\n');
}

function cellsOf({ what, value, unit, spread, wanted, times, method }: Row): string[] {
  const say = (n: number) => (unit === 'times' ? `${n.toFixed(2)}×` : `${short(n)} ${unit}`);
  const [low, high] = spread;
  const held =
    wanted === undefined
      ? ''
      : `${value <= wanted ? '' : '! '}≤ ${unit === 'times' ? `${wanted.toFixed(2)}×` : wanted}`;
  return [
    `  ${what}`,
    say(value),
    unit === 'times' ? `${low.toFixed(2)}–${high.toFixed(2)}` : `${short(low)}–${short(high)}`,
    held,
    times ?? '',
    method,
  ];
}

function short(n: number): string {
  return n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toFixed(2);
}
