import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { BrokerError } from '../errors.ts';

/**
 * File systems on which SQLite's shared memory (WAL's -shm file) is not coherent between processes, by Linux's magic
 * numbers (statfs(2), linux/magic.h). https://sqlite.org/wal.html: all processes must share one host's memory.
 */
const UNSAFE: ReadonlyMap<number, string> = new Map([
  [0x01021997, '9p'],
  [0x65735546, 'fuse'],
  [0x6a656a63, 'virtiofs'],
  [0x6969, 'nfs'],
  [0x517b, 'smb'],
  [0xfe534d42, 'smb2'],
  [0xff534d42, 'cifs'],
]);

/** What tells a file system's type; a parameter so that tests can pretend. */
export type ProbeFileSystem = (path: string) => number;

/** The magic number of the file system of `path` or of its nearest existing parent; 0 where that can't be known. */
export function probeFileSystem(path: string): number {
  if (process.platform !== 'linux') return 0;
  for (let at = path; ; at = dirname(at)) {
    try {
      return statfsSync(at).type;
    } catch {
      if (dirname(at) === at) return 0;
    }
  }
}

/** Throws STORAGE_UNSAFE_FS where several processes could not share a database. */
export function refuseUnsafeFileSystem(path: string, probe: ProbeFileSystem): void {
  const fs = UNSAFE.get(probe(path));
  if (fs !== undefined) throw new BrokerError('STORAGE_UNSAFE_FS', { path, fs });
}

/** Bytes that may still be written where `path` lies; Infinity where that can't be known. */
export function spaceLeft(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Bytes of the disk that `dir` is on, in all and free for us; -1 where that can't be known. */
export function diskSpace(dir: string): { readonly total: number; readonly free: number } {
  try {
    const { blocks, bavail, bsize } = statfsSync(dir);
    return { total: blocks * bsize, free: bavail * bsize };
  } catch {
    return { total: -1, free: -1 };
  }
}
