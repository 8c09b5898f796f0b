/** The pages about everything: `beck` alone, `beck --help`, and a group of commands such as `beck topic`. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { sep } from 'node:path';
import { locateDataDir } from '../data-dir.ts';
import { CHAPTERS, FIRST_STEPS, GROUPS } from './chapters.ts';
import { globalFlags } from './flags.ts';
import { commandNamed, type Frame } from './frame.ts';
import { type FlagFacts, flagRows } from './help-flags.ts';
import { type Definition, definitions, examples, wrap } from './wrap.ts';

const NAME = "Apache Kafka's log on one machine, in one file";

const ENVIRONMENT: readonly Definition[] = [
  ['BECK_BROKER', 'a broker, where neither --broker nor --data-dir names one'],
  ['BECK_DATA_DIR', 'the folder of the log, where --data-dir names none'],
  ['BECK_OFFSETS_RETENTION_MINUTES', 'how long offsets of a group are kept that nobody reads in; 10080'],
  ['BECK_DEBUG=1', 'shows the trace of a fault of beck itself'],
  ['NO_COLOR, FORCE_COLOR', 'no colour at all, or colour in a pipe too'],
];

const EXIT_CODES: readonly Definition[] = [
  ['0', 'done; also when whoever reads has closed the pipe'],
  ['1', 'the operation failed'],
  ['2', 'wrong usage'],
  ['3', 'not found'],
  ['4', 'conflict, or busy'],
  ['5', 'storage: full, corrupt, read-only, or on an unsafe file system'],
  ['70', 'a fault of beck itself'],
  ['124', 'a timeout that was asked for ran out'],
  ['130', 'Ctrl-C'],
];

const ALWAYS: readonly Definition[] = [
  ['-h, --help', 'this page, or the one of a command'],
  ['-V, --version', 'the version'],
];

/** `beck` alone: one screen. */
export function firstPage(frame: Frame, width: number): string[] {
  const names = Object.keys(frame.commands);
  const chapters = CHAPTERS.map(
    ({ title, commands }) => [title, shortNames(commands.filter((name) => names.includes(name)))] as const,
  );
  const column = Math.max(...CHAPTERS.map(({ title }) => title.length)) + 2;
  return [
    `beck ${frame.version}: ${NAME}.`,
    '',
    ...firstSteps(names, width),
    ...chapters
      .filter(([, list]) => list)
      .flatMap(([title, list]) => wrap(`${title.padEnd(column)}${list}`, width, column)),
    '',
    ...wrap(`Data  ${dataLine(frame)}`, width, 6),
  ];
}

/** `beck --help`: everything, each in a line. */
export async function fullPage(frame: Frame, width: number): Promise<string[]> {
  const names = Object.keys(frame.commands);
  const chapters = CHAPTERS.map(({ title, commands }) => ({
    title,
    commands: commands.filter((name) => names.includes(name)),
  }));
  const summaries = await Promise.all(
    chapters
      .filter(({ commands }) => commands.length > 0)
      .map(async ({ title, commands }) => [title, await summariesOf(commands, frame)] as const),
  );
  return [
    ...wrap(
      `${NAME}, on the command line: topics, keys, partitions, offsets and replay, with no server to run.`,
      width,
    ),
    '',
    ...firstSteps(names, width),
    ...summaries.flatMap(([title, rows]) => section(title, rows, width)),
    ...section('Everywhere', [...flagRows(Object.entries(globalFlags) as [string, FlagFacts][]), ...ALWAYS], width),
    ...section('Environment', ENVIRONMENT, width),
    ...section('Exit codes', EXIT_CODES, width),
    ...wrap(`Data  ${dataLine(frame)}`, width, 6),
  ];
}

/** `beck topic`: its commands. */
export async function groupPage(group: string, frame: Frame, width: number): Promise<string[]> {
  const names = Object.keys(frame.commands).filter((name) => name.startsWith(`${group} `));
  return [
    ...wrap(GROUPS[group] ?? `${group}:`, width),
    '',
    ...definitions(
      (await summariesOf(names, frame)).map(([name, summary]) => [`beck ${name}`, summary]),
      width,
    ),
    '',
    `\`beck ${names[0]} --help\` and the like show how each is used`,
  ];
}

async function summariesOf(names: readonly string[], frame: Frame): Promise<Definition[]> {
  return Promise.all(
    names.map(async (name): Promise<Definition> => [name, (await commandNamed(name, frame)).default.summary ?? '']),
  );
}

function section(title: string, rows: readonly Definition[], width: number): string[] {
  return [title, ...definitions(rows, width), ''];
}

function firstSteps(names: readonly string[], width: number): string[] {
  const steps = FIRST_STEPS.filter(({ of }) => names.includes(of)).map(
    ({ command, says }): Definition => [command, says],
  );
  return steps.length === 0 ? [] : ['Start here', ...examples(steps, width), ''];
}

/** `topic create · list · describe · produce`: a first word is said once. */
function shortNames(names: readonly string[]): string {
  return names
    .map((name, i) => {
      const [first, ...rest] = name.split(' ');
      const isSaid = rest.length > 0 && names[i - 1]?.startsWith(`${first} `);
      return isSaid ? rest.join(' ') : name;
    })
    .join(' · ');
}

function dataLine({ io }: Frame): string {
  const broker = io.env['BECK_BROKER'];
  if (broker) return `${broker} (BECK_BROKER); --broker or --data-dir choose another`;
  const folder = locateDataDir(undefined, { cwd: io.cwd, env: io.env });
  const state = existsSync(folder) ? '' : ' (nothing there yet)';
  return `${underHome(folder)}${state}; --data-dir, BECK_DATA_DIR or a .beck/ folder choose another`;
}

/** `~/.local/share/beck`, as a person would say it. */
function underHome(path: string): string {
  const home = homedir();
  return path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path;
}
