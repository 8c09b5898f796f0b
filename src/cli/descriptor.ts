/** What a file descriptor is. */
import { fstatSync, statSync } from 'node:fs';

const NULL_DEVICE = '/dev/null';

export type DescriptorKind = 'terminal' | 'file' | 'stream';

/**
 * `file` is anything a write ends in at once (files, /dev/null), `stream` what has a reader (pipes, sockets). A closed
 * descriptor counts as a stream, though Node opens /dev/null in its place.
 */
export function descriptorKind(fd: number): DescriptorKind {
  try {
    const stat = fstatSync(fd);
    if (!stat.isCharacterDevice()) return stat.isFile() ? 'file' : 'stream';
    return stat.rdev !== nullDevice() && isTerminal(fd) ? 'terminal' : 'file';
  } catch {
    return 'stream';
  }
}

/** The most usual device that is no terminal is told apart first: node:tty brings all of node:net with it. */
function nullDevice(): number | undefined {
  return statSync(NULL_DEVICE, { throwIfNoEntry: false })?.rdev;
}

function isTerminal(fd: number): boolean {
  return process.getBuiltinModule('node:tty').isatty(fd);
}
