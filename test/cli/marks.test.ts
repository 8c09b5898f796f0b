import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Marks } from '../../src/cli/consume/marks.ts';

/** Batches of two partitions, some of whose records are shown, and a cut anywhere in what is shown. */
const batches = fc.array(
  fc.record({
    partition: fc.constantFrom(0 as const, 1 as const),
    shown: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
  }),
  { maxLength: 12 },
);

it('never passes a record that was not written, and every one before the last that was', () => {
  fc.assert(
    fc.property(batches, fc.nat(40), (given, cut) => {
      const marks = new Marks();
      const next: [number, number] = [0, 0];
      const shown: { partition: number; offset: number }[] = [];
      for (const { partition, shown: which } of given) {
        for (const isShown of which) {
          const offset = next[partition]++;
          if (!isShown) continue;
          marks.record(offset);
          shown.push({ partition, offset });
        }
        marks.pass('t', partition, next[partition]);
      }
      const written = Math.min(cut, shown.length);
      const passed = [0, 0];
      for (const { partition, next } of marks.until(written))
        passed[partition] = Math.max(passed[partition] as number, next);
      for (const { partition, offset } of shown.slice(0, written)) expect(passed[partition]).toBeGreaterThan(offset);
      for (const { partition, offset } of shown.slice(written)) expect(passed[partition]).toBeLessThanOrEqual(offset);
      if (written === shown.length && given.length > 0) expect(passed).toEqual(next);
    }),
  );
});

it('passes what no filter let through without any record', () => {
  const marks = new Marks();
  marks.pass('t', 0, 7);
  expect(marks.until(0)).toMatchObject([{ topic: 't', partition: 0, next: 7 }]);
  marks.clear();
  expect(marks.until(0)).toEqual([]);
});
