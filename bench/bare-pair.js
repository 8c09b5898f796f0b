/**
 * The least that a durable commit in one process and a look in another can cost in Node: one insert a commit, a byte into a file
 * that the other one watches, one query, one write. `node bare-pair.js write DIR RATE RECORDS` and `node bare-pair.js follow DIR`;
 * a record is a line that begins with its time in µs, as `beck bench` stamps its own.
 */
import { once } from 'node:events';
import { closeSync, openSync, watch, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const STAMP_DIGITS = 16;
const SIZE = 32;

const [, , role, dir, rate, records] = process.argv;
const isNew = Number.parseInt(process.versions.node, 10) >= 22;
const { default: Database } = await import(isNew ? 'better-sqlite3-13' : 'better-sqlite3');
const db = new Database(join(dir, 'bare.db'));
db.pragma('page_size = 16384');
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec('CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY, value BLOB)');
const wake = join(dir, 'wake');
const fd = openSync(wake, 'a');

if (role === 'write') await write(Number(rate), Number(records));
else follow();

async function write(perSecond, count) {
  const insert = db.prepare('INSERT INTO record (value) VALUES (?)');
  const begin = performance.now();
  for (let i = 0; i < count; i++) {
    const due = begin + (i * 1000) / perSecond;
    while (performance.now() < due) await sleep(Math.max(1, due - performance.now()));
    const stamp = String(process.hrtime.bigint() / 1000n).padStart(STAMP_DIGITS, '0');
    insert.run(Buffer.from(stamp.padEnd(SIZE, 'x')));
    writeSync(fd, '.', 0);
  }
  closeSync(fd);
  db.close();
}

function follow() {
  const version = db.prepare('PRAGMA data_version').pluck();
  const since = db.prepare('SELECT id, value FROM record WHERE id > ? ORDER BY id');
  let last = 0;
  let seen = -1;
  const look = () => {
    const now = version.get();
    if (now === seen) return;
    seen = now;
    for (const { id, value } of since.all(last)) {
      last = id;
      writeSync(1, `${value}\n`);
    }
  };
  watch(wake, look);
  look();
  once(process, 'SIGINT').then(() => process.exit(0));
}
