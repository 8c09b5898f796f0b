/**
 * Who reads a pipe, as far as Linux tells: a reader is a process that has the pipe's inode open for reading, and
 * `/proc/PID/fd` lists what is open. What cannot be seen is said too, since "nobody" is only as good as the view:
 * another user's files are closed to us, and a container does not see the processes outside of it.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

const READABLE_BY_OWNER = 0o400;

export interface PipeReaders {
  /** Links (`/proc/PID/fd/N`) of the readers that can be seen. */
  readonly links: readonly string[];
  /** There may be others: a process of our session (`| sudo tee`) whose files are closed to us. */
  readonly hidden: boolean;
}

/** `pipe:[4711]`, as every link to the same pipe reads; undefined when the descriptor is no pipe, or not on Linux. */
export function pipeOf(fd: number): string | undefined {
  const link = process.platform === 'linux' ? readLink(`/proc/self/fd/${fd}`) : undefined;
  return link?.startsWith('pipe:') ? link : undefined;
}

/** 3–5 ms on a machine with some hundred processes. */
export function findReaders(pipe: string): PipeReaders {
  const links: string[] = [];
  const ourSession = statOf('self')?.session;
  let hidden = statOf('1') === undefined;
  for (const pid of processes()) {
    const fds = openFiles(pid);
    if (fds === 'denied') hidden ||= statOf(pid)?.session === ourSession;
    else links.push(...fds.filter((link) => readLink(link) === pipe && isOpenFor(link, READABLE_BY_OWNER)));
  }
  return { links, hidden };
}

/** Cheap. A link that may not be read any more (its process became another user's) still counts as a reader. */
export function stillReads(link: string, pipe: string): boolean {
  const target = readLink(link);
  return target === pipe || target === 'denied';
}

/**
 * Whether a reader of this pipe would have to be a process that we can see: because we see all there are, or because one of
 * our ancestors does not have it, so that it was made here and not handed in from outside of our container.
 */
export function isMadeHere(pipe: string): boolean {
  if (readLink('/proc/self/ns/pid') === FIRST_PID_NAMESPACE) return true;
  for (let pid = statOf('self')?.parent; pid !== undefined && pid !== '0'; pid = statOf(pid)?.parent) {
    const fds = openFiles(pid);
    if (fds === 'denied') return false;
    if (!fds.some((link) => readLink(link) === pipe)) return true;
  }
  return false;
}

/** PROC_PID_INIT_INO in the kernel's include/linux/proc_ns.h. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

function processes(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

function openFiles(pid: string): string[] | 'denied' {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => `/proc/${pid}/fd/${name}`);
  } catch (error) {
    return isDenied(error) ? 'denied' : [];
  }
}

/** Parent and session: the second and fourth field after the name, which may hold spaces and parentheses (proc(5)). */
function statOf(pid: string): { parent: string | undefined; session: string | undefined } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent, session };
  } catch {
    return undefined;
  }
}

/** The link's own mode says how the file was opened. */
function isOpenFor(link: string, mode: number): boolean {
  return ((lstatSync(link, { throwIfNoEntry: false })?.mode ?? 0) & mode) !== 0;
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    return isDenied(error) ? 'denied' : undefined;
  }
}

function isDenied(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}
