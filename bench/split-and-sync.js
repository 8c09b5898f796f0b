/**
 * The least that storing lines can cost in Node: reads a file, splits it into lines (a view of each, nothing copied), writes the
 * same bytes, one fsync. `node split-and-sync.js FROM TO` prints how many lines there were and their bytes.
 */
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 10;

const [, , from, to] = process.argv;
const source = openSync(from, 'r');
const target = openSync(to, 'w');
const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
let lines = 0;
let bytes = 0;
for (let length = readSync(source, chunk); length > 0; length = readSync(source, chunk)) {
  const filled = chunk.subarray(0, length);
  let start = 0;
  for (let at = filled.indexOf(NEWLINE); at >= 0; at = filled.indexOf(NEWLINE, start)) {
    const line = filled.subarray(start, at);
    lines++;
    bytes += line.length;
    start = at + 1;
  }
  for (let written = 0; written < length; ) written += writeSync(target, filled, written);
}
fsyncSync(target);
closeSync(target);
process.stdout.write(`${lines} ${bytes}\n`);
