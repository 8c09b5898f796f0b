import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NO_PATIENCE, Store } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';

const MEGABYTE = 1 << 20;
const PIECE = Buffer.alloc(8 * MEGABYTE, 'x');

it('S6: while somebody reads one view for long it grows, and begins anew when he has done', () => {
  const dir = tempDir();
  const [writer, reader] = [Store.create(dir, { patience: NO_PATIENCE }), Store.create(dir, { patience: NO_PATIENCE })];
  const write = () =>
    writer.write(
      () => writer.prepare(`INSERT INTO topic_config VALUES (1, hex(randomblob(8)), ?)`).run(PIECE),
      'normal',
    );
  reader.read(() => {
    reader.prepare('SELECT count(*) FROM topic_config').get();
    for (let i = 0; i < 10; i++) write();
    expect(walBytes(dir)).toBeGreaterThan(64 * MEGABYTE);
  });
  for (let i = 0; i < 4; i++) write();
  expect(walBytes(dir)).toBeLessThan(64 * MEGABYTE);
  writer.close();
  reader.close();
});

function walBytes(dir: string): number {
  return statSync(join(dir, 'beck.db-wal')).size;
}
