import { dirname } from 'node:path';
import type { Status } from '../../client/cluster.ts';
import type { Project } from '../../client/init-project.ts';
import type { Io } from '../io.ts';
import { bytes, count, duration } from '../units.ts';

/** Sizes in bytes, times in ms since the epoch. */
export function statusDocument({ bytes: size, diskBytes: diskSize, freeBytes: freeSize, ...rest }: Status) {
  const { path, exists, topics, partitions, records, housekeeping } = rest;
  return { path, exists, topics, partitions, records, size, diskSize, freeSize, housekeeping };
}

export function statusPage(status: Status, io: Io): string {
  const path = homely(status.path, io);
  if (!status.exists)
    return `${path}: nothing there yet\n\`beck topic create NAME\` begins; --data-dir, BECK_DATA_DIR or a .beck/ folder choose another place\n`;
  const held = [
    count(status.topics, 'topic'),
    count(status.partitions, 'partition'),
    count(status.records, 'record'),
  ].join(', ');
  const free = status.freeBytes > 0 ? ` (${bytes(status.freeBytes)} to be given back)` : '';
  return `${path}: ${held}, ${bytes(status.diskBytes)} on disk${free}\n${housekeepingLine(status.housekeeping, io.now())}; \`beck check\` reads every byte once\n`;
}

function housekeepingLine({ last, next }: Status['housekeeping'], now: number): string {
  const before = last === null ? 'never yet' : `${duration(now - last)} ago`;
  const after = next === null || next <= now ? 'next with the next write' : `next in ${duration(next - now)}`;
  return `housekeeping: ${before}, ${after}`;
}

/** `~/src/shop/.beck made: every beck command in ~/src/shop and below uses it` */
export function initPage({ path, created }: Project, io: Io): string {
  const project = homely(dirname(path), io);
  return `${homely(path, io)} ${created ? 'made' : 'is there already'}: every beck command in ${project} and below uses it`;
}

/** A path as its owner would write it. */
export function homely(path: string, { env }: Pick<Io, 'env'>): string {
  const home = env['HOME'];
  return home && (path === home || path.startsWith(`${home}/`)) ? `~${path.slice(home.length)}` : path;
}
