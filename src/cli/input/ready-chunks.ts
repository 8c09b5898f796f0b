import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { InputChunk } from './sources.ts';

/** What a pipe holds on Linux, where nobody has made it larger. */
const PIPE_BYTES = 64 * 1024;

const STDIN_LINK = '/proc/self/fd/0';

/** What a read that does not wait has found: so many bytes, none for now, or the end. */
type Found = number | 'later' | 'end';

/**
 * What lies in a pipe on stdin, for as long as something does: a short input is read whole without Node's streams, which take
 * as long to load as it does to store it. Answers whether the input is over; if not, the rest of it is yet to come. Where stdin
 * is no pipe or cannot be opened again that is all of it. Ends when `signal` aborts.
 */
export async function* readyChunks(
  input: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<InputChunk, boolean, undefined> {
  const fd = reopened();
  if (fd === undefined) return false;
  try {
    let [current, other] = [Buffer.allocUnsafeSlow(PIPE_BYTES), Buffer.allocUnsafeSlow(PIPE_BYTES)];
    let found = readNow(fd, current);
    while (typeof found === 'number') {
      const chunk = current.subarray(0, found);
      [current, other] = [other, current];
      found = readNow(fd, current);
      yield { chunk, idle: found === 'later', end: false, input };
      if (typeof found === 'number') await setImmediate(); // signals, and what the producer waits for, want the event loop
      if (signal?.aborted) return true;
    }
    return found === 'end';
  } finally {
    closeSync(fd);
  }
}

/**
 * The pipe on stdin once more, so that not waiting is a property of ours: descriptor 0 is shared with whoever else has inherited
 * it. Another user's pipe (sudo) may not be opened, and of the writing end a reading one must not be made.
 */
function reopened(): number | undefined {
  try {
    const isPipe = fstatSync(0).isFIFO() && (lstatSync(STDIN_LINK).mode & constants.S_IRUSR) !== 0;
    return isPipe ? openSync(STDIN_LINK, constants.O_RDONLY | constants.O_NONBLOCK) : undefined;
  } catch {
    return undefined; // No such link, as on macOS, or it may not be followed: then it is read as anything live is.
  }
}

function readNow(fd: number, buffer: Buffer): Found {
  try {
    return readSync(fd, buffer) || 'end';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 'later';
    throw error;
  }
}
