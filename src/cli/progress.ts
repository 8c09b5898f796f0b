/** Long work on a terminal: one line on stderr, drawn after half a second, redrawn in place, gone when done. */
import type { OnProgress } from '../client/cluster.ts';
import type { Io } from './io.ts';
import { bytes, groupDigits } from './units.ts';

const FIRST_AFTER_MS = 500;
const REDRAW_EVERY_MS = 100;
const ERASE_LINE = '\r\x1b[2K';

export interface Progress {
  readonly update: OnProgress;
  /** Takes the line away. Call it before anything else is written to the terminal. */
  done(): void;
}

/** `label` says what is going on: `checking`. Elsewhere than on a terminal that can erase a line, nothing is drawn. */
export function startProgress(label: string, io: Pick<Io, 'stderr' | 'env' | 'now'>): Progress {
  const canDraw = io.stderr.isTTY && io.env['TERM'] !== 'dumb';
  let next = io.now() + FIRST_AFTER_MS;
  let drawn = false;
  const write = (text: string): void => void io.stderr.write(text).catch(() => undefined);
  return {
    update(done, total, unit) {
      const now = io.now();
      if (!canDraw || now < next) return;
      next = now + REDRAW_EVERY_MS;
      drawn = true;
      write(`${ERASE_LINE}${progressLine(label, done, total, unit).slice(0, (io.stderr.columns ?? 80) - 1)}`);
    },
    done() {
      if (drawn) write(ERASE_LINE);
      drawn = false;
    },
  };
}

/** `checking  42 %  1.2 GB of 2.9 GB`; without a total, how much so far. */
function progressLine(label: string, done: number, total: number, unit: string): string {
  const say = (n: number): string => (unit === 'bytes' ? bytes(n) : `${groupDigits(n)} ${unit}`);
  if (total <= 0) return `${label}  ${say(done)}`;
  const percent = Math.min(100, Math.floor((done / total) * 100));
  return `${label}  ${percent} %  ${say(done)} of ${say(total)}`;
}
