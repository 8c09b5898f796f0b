/** The result of `beck bench`: a page with a small picture for people, JSON or columns for programs. */
import type { Io } from '../io.ts';
import { type Column, table } from '../table.ts';
import { bytes, count, duration, groupDigits } from '../units.ts';
import { milliseconds, PERCENTILES, type Percentiles, picture } from './percentiles.ts';
import type { BenchResult, SideResult } from './result.ts';

const TITLES: Readonly<Record<SideResult['side'], string>> = {
  write: 'write: ms from giving a record to its commit',
  read: 'read: ms from giving a record to reading it',
};
const PICTURE_COLUMNS = 48;

/** Seconds, bytes and milliseconds, all with six digits that count. */
export function benchDocument({ plan, dataDir, sides }: BenchResult) {
  return { plan, dataDir, sides: sides.map(sideDocument) };
}

function sideDocument({ latency, ...side }: SideResult) {
  const rounded = Object.fromEntries(
    Object.entries(side).map(([name, value]) => [name, typeof value === 'number' ? significant(value) : value]),
  );
  return { ...rounded, latency: latency && roundedPercentiles(latency) };
}

function roundedPercentiles(latency: Percentiles): Percentiles {
  return Object.fromEntries(PERCENTILES.map((name) => [name, significant(latency[name])])) as unknown as Percentiles;
}

/** A line of names, then one a side: the fields of the JSON, the percentiles in columns of their own. */
export function benchCsv({ sides }: BenchResult): string {
  const rows = sides.map((side) => {
    const { latency, ...rest } = sideDocument(side);
    const ms = PERCENTILES.map((name) => [`${name}Ms`, latency?.[name] ?? '']);
    return { ...rest, ...Object.fromEntries(ms) };
  });
  const names = Object.keys(rows[0] ?? {});
  return [names, ...rows.map((row) => Object.values(row))].map((cells) => `${cells.join(',')}\n`).join('');
}

export async function benchPage(result: BenchResult, io: Io): Promise<string> {
  const { isTTY, columns = 80 } = io.stdout;
  const shown = isTTY ? COLUMNS : [...COLUMNS, ...LATENCY_COLUMNS];
  const rows = await table(result.sides, shown, { writer: io.stdout, env: io.env });
  if (!isTTY) return rows;
  const width = Math.max(8, Math.min(PICTURE_COLUMNS, columns - 24));
  const pictures = result.sides
    .filter((side) => side.latency !== null)
    .map((side) => `\n${TITLES[side.side]}\n${picture(side.latency as Percentiles, width).join('\n')}\n`);
  return `${heading(result)}\n\n${rows}${pictures.join('')}`;
}

const COLUMNS: readonly Column<SideResult>[] = [
  { title: 'SIDE', value: ({ side }) => side },
  { title: 'PROCESSES', align: 'right', drop: 1, value: ({ processes }) => String(processes) },
  { title: 'RECORDS', align: 'right', value: ({ records }) => groupDigits(records) },
  { title: 'TIME', align: 'right', value: ({ seconds }) => duration(seconds * 1000) },
  { title: 'RECORDS/S', align: 'right', value: ({ recordsPerSecond }) => groupDigits(Math.round(recordsPerSecond)) },
  { title: 'BYTES/S', align: 'right', value: ({ bytesPerSecond }) => bytes(bytesPerSecond) },
  { title: 'CPU', align: 'right', drop: 2, value: ({ cpuSeconds }) => duration(cpuSeconds * 1000) },
  { title: 'PEAK MEMORY', align: 'right', drop: 3, value: ({ peakRss }) => bytes(peakRss) },
];

const LATENCY_COLUMNS: readonly Column<SideResult>[] = PERCENTILES.map((name) => ({
  title: `${name === 'p999' ? 'P99.9' : name.toUpperCase()} MS`,
  align: 'right',
  value: ({ latency }) => (latency === null ? '' : milliseconds(latency[name])),
}));

/** What was asked for, in a line. */
function heading({ plan, dataDir }: BenchResult): string {
  const { records, size, rate, keys, batch, acks, codec, writers } = plan;
  if (writers === 0) return `${plan.topic} in ${dataDir}`;
  return [
    `${count(records, 'record')} of ${bytes(size)}`,
    rate > 0 ? `${groupDigits(rate)} a second` : 'flat out',
    ...(batch > 0 ? [`${groupDigits(batch)} a commit`] : []),
    ...(keys > 0 ? [count(keys, 'key')] : []),
    `acks ${acks}`,
    ...(codec === 'none' ? [] : [codec]),
  ].join(', ');
}

function significant(n: number): number {
  return Number(n.toPrecision(6));
}
