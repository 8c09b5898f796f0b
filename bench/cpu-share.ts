import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Clock ticks of /proc a second; the kernel's USER_HZ is 100 on every platform of Node. */
const TICKS = 100;

/** How much of a core, in percent, a process uses over so many seconds. Linux only. */
export async function cpuShare(pid: number, seconds: number): Promise<number> {
  const before = cpuTicks(pid);
  await sleep(seconds * 1000);
  return ((cpuTicks(pid) - before) / TICKS / seconds) * 100;
}

/** User and system time; fields 14 and 15, counted behind the name in brackets, which may hold blanks. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
