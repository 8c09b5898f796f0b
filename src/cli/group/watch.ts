import type { GroupAdministration, GroupDescription } from '../../client/cluster.ts';
import type { Io } from '../io.ts';
import { textWidth } from '../output/text-width.ts';
import { type GroupPageOptions, groupDescriptionDocument, groupPage } from '../pages/group-describe.ts';
import { clockTime } from '../units.ts';
import { changeLines } from './change-lines.ts';

/** Ages on the page are this old at most, ms. */
const LOOK_EVERY_MS = 1000;
/** A busy group commits hundreds of times a second; nobody reads as fast. */
const LOOK_AT_MOST_EVERY_MS = 200;

export interface WatchOptions extends GroupPageOptions {
  /** Null: all there are, at each look. */
  readonly names: readonly string[] | null;
  /** A document a change instead of a line. */
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/**
 * Shows groups until the signal aborts: on a terminal one page that is drawn again in place, elsewhere a line a change.
 * Throws GROUP_ID_NOT_FOUND when one that was named is not there, or not any more.
 */
export async function watchGroups(groups: GroupAdministration, io: Io, options: WatchOptions): Promise<void> {
  const show =
    io.stdout.isTTY && !options.json && io.env['TERM'] !== 'dumb' ? redrawing(io, options) : lining(io, options);
  while (!options.signal.aborted) {
    await show(await groups.describe(options.names, io.now()));
    await pause(LOOK_AT_MOST_EVERY_MS, options.signal);
    await groups.changed(LOOK_EVERY_MS - LOOK_AT_MOST_EVERY_MS, options.signal);
  }
}

type Show = (groups: readonly GroupDescription[]) => Promise<void>;

function redrawing(io: Io, options: WatchOptions): Show {
  let shown = '';
  return async (groups) => {
    const page = fitted(await groupPage(groups, options, io), io.stdout.rows);
    if (page === shown) return;
    const above = heightOf(shown, io.stdout.columns ?? 80);
    const erase = above === 0 ? '' : `\x1b[${above}A\x1b[J`;
    shown = page;
    await io.stdout.write(`${erase}${page}`);
  };
}

/** What has scrolled out of the screen cannot be drawn again: a page that is too long ends where the screen does. */
function fitted(page: string, rows: number | undefined): string {
  const lines = page.split('\n').slice(0, -1);
  if (rows === undefined || lines.length < rows) return page;
  const shown = lines.slice(0, Math.max(1, rows - 2));
  return `${shown.join('\n')}\n… and ${lines.length - shown.length} lines more\n`;
}

/** Rows of the terminal that a text takes. */
function heightOf(text: string, columns: number): number {
  const lines = text.split('\n').slice(0, -1);
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(textWidth(withoutColour(line)) / columns)), 0);
}

function withoutColour(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  return line.replace(/\x1b\[\d+m/g, '');
}

function lining(io: Io, { json }: WatchOptions): Show {
  let before = new Map<string, GroupDescription>();
  return async (groups) => {
    const now = io.now();
    const changed = groups.map((group) => ({ group, lines: changeLines(before.get(group.name), group, now) }));
    before = new Map(groups.map((group) => [group.name, group]));
    const text = changed.map(({ group, lines }) => {
      if (json) return lines.length === 0 ? '' : `${JSON.stringify(groupDescriptionDocument(group))}\n`;
      return lines.map((line) => `${clockTime(now)} ${line}\n`).join('');
    });
    if (text.join('') !== '') await io.stdout.write(text.join(''));
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
