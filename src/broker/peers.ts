import { readFileSync, readlinkSync } from 'node:fs';
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

/** Whether a process has surely ended: false for one in another pid namespace, of which nothing can be known. */
export function isGone({ pid, started, namespace }: ProcessId): boolean {
  if (namespace !== thisProcess().namespace) return false;
  if (!hasProc) return !answers(pid);
  const found = stat(pid);
  return found === undefined || found.started !== started || /[ZXx]/.test(found.state);
}

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

/** A signal of 0 is sent to nobody; EPERM is an answer too, of another user's process. */
function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
