import type { ConsumeOptions, ReadRange } from '../../client/cluster.ts';
import type { ExitCode } from '../../errors.ts';
import { count, groupDigits } from '../units.ts';
import type { Ending, Outcome } from './session.ts';

/** What must be known before the first record: offsets that were asked for and are gone. */
export function lostLines(ranges: readonly ReadRange[]): string[] {
  return ranges
    .filter(({ lost }) => lost > 0)
    .map(
      ({ topic, partition, lost, logStart }) =>
        `${topic} ${partition}: ${count(lost, 'offset')} before ${groupDigits(logStart)} ${lost === 1 ? 'is' : 'are'} gone (retention, trim); reading from there`,
    );
}

/** For a terminal: where the reading begins. */
export function beginLine(
  options: ConsumeOptions,
  ranges: readonly ReadRange[],
  from: string,
  tail: number | undefined,
): string {
  const topics = [...new Set(ranges.map(({ topic }) => topic))];
  const where = tail === undefined ? `from ${from}` : `the last ${groupDigits(tail)}`;
  return `${topics.join(', ') || 'no topic yet'} ${where}${options.follow ? ', following; Ctrl-C ends' : ''}`;
}

/** For a terminal: how it ended; undefined where nobody wonders. */
export function endLine({ ending, printed }: Outcome): string | undefined {
  const how = HOW_IT_ENDED[ending];
  return how === undefined ? undefined : `${count(printed, 'record')}${how}`;
}

/** The endings that one would wonder about. */
const HOW_IT_ENDED: Partial<Record<Ending, string>> = {
  end: ', the end; -f follows',
  idle: ', and then nothing for as long as --idle-timeout says',
  timeout: '; the --timeout is over',
};

/** A limit that was asked for and not reached in time is 124; a closed pipe and a bounded end are 0. */
export function exitCodeOf({ ending, printed }: Outcome, limit: number | undefined): ExitCode {
  if (ending === 'timeout') return 124;
  if (ending === 'idle' && limit !== undefined && printed < limit) return 124;
  return 0;
}
