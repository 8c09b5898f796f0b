/**
 * Whether anybody still reads the pipe that stdout is. A writer learns it from its next write (EPIPE), but a follower on an
 * idle topic writes nothing, and Node gives no other sign. Elsewhere than on Linux it ends at the next record.
 */
import { findReaders, isMadeHere, pipeOf, stillReads } from './pipe-readers.ts';

const LOOK_EVERY_MS = 500;

/** Calls `gone` once, when the readers of `fd` have left. Never when they might still be there. */
export function watchReader(fd: number, gone: () => void, until: AbortSignal): void {
  const pipe = pipeOf(fd);
  if (pipe === undefined || until.aborted) return;
  let seen = findReaders(pipe);
  const neverSeen = seen.links.length === 0;
  if (neverSeen && (seen.hidden || !isMadeHere(pipe))) return;
  const timer = setInterval(() => {
    if (seen.links.some((link) => stillReads(link, pipe))) return;
    seen = findReaders(pipe);
    if (seen.links.length > 0) return;
    stop();
    if (!seen.hidden) gone();
  }, LOOK_EVERY_MS).unref();
  const stop = (): void => clearInterval(timer);
  until.addEventListener('abort', stop, { once: true });
}
