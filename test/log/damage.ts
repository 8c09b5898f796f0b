import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '../../src/store/driver.ts';
import { PAGE_SIZE } from '../../src/store/schema.ts';
import { DATABASE_FILE } from '../../src/store/store.ts';

/** The pages of a table or an index of a closed file, in the order of its keys. */
export function pagesOf(dir: string, tree: string, type: 'leaf' | 'internal' | 'overflow'): number[] {
  const db = new Database(join(dir, DATABASE_FILE));
  const rows = db
    .prepare('SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ? ORDER BY path')
    .all(tree, type) as { pageno: number }[];
  db.close();
  return rows.map(({ pageno }) => pageno);
}

/** Overwrites pages with bytes that mean nothing. */
export function damage(dir: string, pages: readonly number[]): void {
  const fd = openSync(join(dir, DATABASE_FILE), 'r+');
  for (const page of pages) writeSync(fd, Buffer.alloc(PAGE_SIZE, 0xe7), 0, PAGE_SIZE, (page - 1) * PAGE_SIZE);
  closeSync(fd);
}
