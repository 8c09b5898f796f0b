import { describe, expect, it } from 'vitest';
import { BlockPool } from '../../src/client/block-pool.ts';
import { BATCH_BYTES, IN_FLIGHT_BYTES } from '../../src/settings.ts';

const memoryOf = (blob: Buffer) => blob.buffer as ArrayBuffer;

describe('the memory of finished batches', () => {
  it('is used again when it comes back, and not before', () => {
    const pool = new BlockPool();
    const [first, second] = [pool.take(BATCH_BYTES), pool.take(BATCH_BYTES - 1)];
    expect(memoryOf(second)).not.toBe(memoryOf(first));
    pool.giveBack([memoryOf(first)]);
    const again = pool.take(BATCH_BYTES - 100);
    expect([memoryOf(again), again.length, again.byteOffset]).toEqual([memoryOf(first), BATCH_BYTES - 100, 0]);
    expect(memoryOf(pool.take(BATCH_BYTES))).not.toBe(memoryOf(first));
  });

  it.each([100, BATCH_BYTES + 1])('is of its own size for %i bytes, and let go', (bytes) => {
    const pool = new BlockPool();
    const blob = pool.take(bytes);
    expect([blob.length, memoryOf(blob).byteLength]).toEqual([bytes, bytes]);
    pool.giveBack([memoryOf(blob)]);
    expect(memoryOf(pool.take(bytes))).not.toBe(memoryOf(blob));
  });

  it('is kept up to what can be on its way', () => {
    const pool = new BlockPool();
    const blocks = Array.from({ length: 100 }, () => memoryOf(pool.take(BATCH_BYTES)));
    pool.giveBack(blocks);
    const kept = new Set(blocks);
    let again = 0;
    while (kept.has(memoryOf(pool.take(BATCH_BYTES)))) again++;
    expect(again * BATCH_BYTES).toBeGreaterThanOrEqual(IN_FLIGHT_BYTES);
    expect(again).toBeLessThan(50);
  });
});
