import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { hostname } from 'node:os';
import type { ProcessId } from '../types.ts';

/** Where /proc is Linux's, a process is told from a later one with its pid by its start time; elsewhere only pids are compared. */
const hasProc = process.platform === 'linux' && stat(process.pid) !== undefined;

/** This process, as others can find out about it. */
export function thisProcess(): ProcessId {
  own ??= { pid: process.pid, started: stat(process.pid)?.started ?? '', namespace: namespaceHere() };
  return own;
}
let own: ProcessId | undefined;

/** A process in letters, digits, `.` and `-`, to be told to another one. */
export function processText({ pid, started, namespace }: ProcessId): string {
  return [pid, started || 'unknown', Buffer.from(namespace).toString('hex')].join('-');
}

/** As `processText` said it; null: that is not what this is. */
export function processSaid(text: string): ProcessId | null {
  const [, pid, started, namespace = ''] = /^(\d+)-(\d+|unknown)-([0-9a-f]*)$/.exec(text) ?? [];
  if (pid === undefined || started === undefined) return null;
  const known = started === 'unknown' ? '' : started;
  return { pid: Number(pid), started: known, namespace: Buffer.from(namespace, 'hex').toString() };
}

/**
 * Whether a process has surely ended: false for one in another pid namespace, of which nothing can be known, unless that was
 * before the machine started anew.
 */
export function isGone({ pid, started, namespace }: ProcessId): boolean {
  if (namespace !== thisProcess().namespace) return isOfAnotherBoot(namespace);
  if (!hasProc) return !answers(pid);
  const found = stat(pid);
  return found === undefined || found.started !== started || ENDED.test(found.state);
}

/** Whether `isGone` can know of it. */
export function sees({ namespace }: ProcessId): boolean {
  return namespace === thisProcess().namespace || isOfAnotherBoot(namespace);
}

/** Looks at one process, again and again, for a tenth of what `isGone` costs. */
export class ProcessWatch {
  readonly #id: ProcessId;
  /** Of its stat in /proc: reading it fails once the process is no more, whoever has its pid by then. */
  #fd: number | undefined;

  constructor(id: ProcessId) {
    this.#id = id;
    if (hasProc && !isGone(id) && id.namespace === thisProcess().namespace) this.#open();
  }

  /** As the function of that name. */
  isGone(): boolean {
    if (this.#fd === undefined) return isGone(this.#id);
    try {
      const length = readSync(this.#fd, buffer, 0, buffer.length, 0);
      return ENDED.test(buffer.toString('latin1', buffer.lastIndexOf(')', length) + 2, length).charAt(0));
    } catch {
      return true;
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #open(): void {
    try {
      this.#fd = openSync(`/proc/${this.#id.pid}/stat`, 'r');
      if (isGone(this.#id)) this.close(); // it may be another's by now
    } catch {
      this.#fd = undefined;
    }
  }
}
const buffer = Buffer.alloc(1024);

/** Zombies, and what is past that. */
const ENDED = /[ZXx]/;

/** proc(5): the command in parentheses may contain anything, also `)`; state is field 3, the start time field 22. */
function stat(pid: number): { readonly state: string; readonly started: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] as string, started: fields[19] as string };
  } catch {
    return undefined;
  }
}

/** Two containers share a kernel, but not their pids; after a boot all pids begin anew. */
function namespaceHere(): string {
  try {
    return `${readlinkSync('/proc/self/ns/pid')} ${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}`;
  } catch {
    return hostname();
  }
}

/** Where only host names are known, nothing is known of that. */
function isOfAnotherBoot(namespace: string): boolean {
  const [then, now] = [namespace, thisProcess().namespace].map((name) => BOOT.exec(name)?.[0]);
  return then !== undefined && now !== undefined && then !== now;
}
const BOOT = / [0-9a-f-]{36}$/;

/** A signal of 0 is sent to nobody; EPERM is an answer too, of another user's process. */
function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
