import { closeSync, openSync, writeSync } from 'node:fs';

/** Of each line, its newline included. */
export const LINE_BYTES = 96;

const LINES_A_WRITE = 10_000;

/** Writes `count` lines of JSON, LINE_BYTES each, all different. */
export function writeLines(path: string, count: number): string {
  const fd = openSync(path, 'w');
  for (let from = 0; from < count; from += LINES_A_WRITE) {
    const lines = Array.from({ length: Math.min(LINES_A_WRITE, count - from) }, (_, i) => lineOf(from + i));
    writeSync(fd, lines.join(''));
  }
  closeSync(fd);
  return path;
}

function lineOf(i: number): string {
  const user = `user-${(i * 7919) % 10_007}`;
  const start = `{"id":${i},"user":"${user}","action":"view","path":"/products/${i % 4999}","note":"`;
  return `${start.padEnd(LINE_BYTES - 3, 'lorem ipsum ')}"}\n`;
}
