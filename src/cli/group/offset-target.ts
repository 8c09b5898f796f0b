import type { OffsetTarget } from '../../client/cluster.ts';
import { BrokerError } from '../../errors.ts';
import type { Io } from '../io.ts';
import { parsePosition } from '../positions.ts';
import { parseOffsets } from './offsets-file.ts';
import { readText } from './read-text.ts';

/** The flags that say where a group shall go on, of which one must be given. */
export const TARGETS = ['to', 'shift', 'to-group', 'from-file'];

export interface GivenTarget {
  readonly to?: string | undefined;
  readonly shift?: string | undefined;
  readonly 'to-group'?: string | undefined;
  readonly 'from-file'?: string | undefined;
}

/** Throws USAGE of a bad position or number, INPUT_UNREADABLE and INVALID_INPUT of the file. */
export async function offsetTarget(flags: GivenTarget, io: Pick<Io, 'stdin' | 'cwd' | 'now'>): Promise<OffsetTarget> {
  const { to, shift, 'to-group': group, 'from-file': file } = flags;
  if (to !== undefined) return { kind: 'position', position: parsePosition(to, io.now()) };
  if (shift !== undefined) return { kind: 'shift', by: parseShift(shift) };
  if (group !== undefined) return { kind: 'group', group };
  const name = file ?? '-';
  return { kind: 'offsets', offsets: parseOffsets(await readText(name, io), name === '-' ? 'stdin' : name) };
}

function parseShift(text: string): number {
  const by = Number(text);
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(by)) return by;
  throw new BrokerError('USAGE', {
    problem: `--shift wants a number of offsets; not '${text}'`,
    hint: '--shift 1 leaves one out, --shift -10 reads ten once more',
  });
}
