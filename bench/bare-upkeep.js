/**
 * What the disk does to a writer by itself, without a database.
 *
 * `node bare-upkeep.js append FILE RATE` appends a page and syncs it, RATE times a second until SIGINT, and prints the longest time
 * that took (ms). `node bare-upkeep.js move FROM BYTES TO` reads the last BYTES of one file and writes them into another, a sync
 * for each 4 MB.
 */
import { fdatasyncSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const PAGE_BYTES = 16 << 10;
const STEP_BYTES = 4 << 20;

const [, , what, path, amount, target] = process.argv;
await (what === 'append' ? append(path, 1000 / Number(amount)) : move(path, Number(amount), target));

async function append(path, everyMs) {
  const fd = openSync(path, 'w');
  const page = Buffer.alloc(PAGE_BYTES, 'x');
  let stopped = false;
  let worst = 0;
  process.once('SIGINT', () => {
    stopped = true;
  });
  for (let due = performance.now(); !stopped; due += everyMs) {
    const begin = performance.now();
    writeSync(fd, page);
    fdatasyncSync(fd);
    worst = Math.max(worst, performance.now() - begin);
    await sleep(Math.max(0, due + everyMs - performance.now()));
  }
  process.stdout.write(`${worst}\n`);
}

function move(from, bytes, to) {
  const source = openSync(from, 'r');
  const copy = openSync(to, 'w');
  const step = Buffer.allocUnsafe(STEP_BYTES);
  const end = fstatSync(source).size;
  for (let done = STEP_BYTES; done <= bytes; done += STEP_BYTES) {
    writeSync(copy, step, 0, readSync(source, step, 0, STEP_BYTES, end - done));
    fdatasyncSync(copy);
  }
}
