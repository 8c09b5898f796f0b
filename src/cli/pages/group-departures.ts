import type { Departure } from '../../client/cluster.ts';
import { printable } from '../printable.ts';
import { count, duration } from '../units.ts';

/** More of them tell less; `--json` has all that are known. */
const SHOWN = 3;

/** How each went, as people say it. */
const WENT: Readonly<Record<Departure['why'], (departure: Departure, ago: string) => string>> = {
  left: (_, ago) => `left ${ago}`,
  gone: (_, ago) => `died ${ago} (its process is gone)`,
  closed: (_, ago) => `went ${ago} (its connection was closed)`,
  late: (_, ago) => `was removed ${ago} (it did not rejoin in time)`,
  silent: ({ at, heard }, ago) => `was removed ${ago} (silent for ${duration(at - heard)})`,
};

/** The newest few, a line each. */
export function departureLines(departures: readonly Departure[], now: number): string[] {
  return departures.slice(0, SHOWN).map((departure) => departureLine(departure, `${duration(now - departure.at)} ago`));
}

/** `4701 died 12 s ago (its process is gone); its 2 partitions went to 4790`. `ago` says when. */
export function departureLine(departure: Departure, ago: string): string {
  const { why, partitions } = departure;
  const went = `${printable(departure.name)} ${WENT[why](departure, ago)}`;
  if (partitions === 0) return went;
  const own = partitions === 1 ? 'its partition' : `its ${count(partitions, 'partition')}`;
  if (departure.heirs.length === 0) return `${went}; nobody was there to take ${own}`;
  return `${went}; ${own} went to ${printable(departure.heirs.join(', '))}`;
}
