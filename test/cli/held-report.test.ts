import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HeldReport } from '../../src/cli/consume/held-report.ts';
import type { Reader, ReadRange, TransactionAdministration, TransactionDescription } from '../../src/client/cluster.ts';
import { BrokerError } from '../../src/errors.ts';

const NOW = 1_795_254_012_031;

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

function range(partition: number, heldBack = 3): ReadRange {
  const lastStable = 10 * partition;
  const highWatermark = lastStable + heldBack;
  return { topic: 't', partition, start: 0, end: null, logStart: 0, highWatermark, lastStable, heldBack, lost: 0 };
}

/** Open for so many ms, over these partitions. */
function transaction(transactionalId: string, age: number, ...partitions: number[]): TransactionDescription {
  return {
    transactionalId,
    producerId: 0,
    epoch: 0,
    state: 'Ongoing',
    since: Date.now() - age,
    changed: Date.now() - age,
    timeoutMs: null,
    process: { pid: 4712, here: true },
    partitions: partitions.length,
    heldBack: 0,
    partitionList: partitions.map((partition) => {
      return { topic: 't', partition, first: 10 * partition, end: 10 * partition + 3, heldBack: 3 };
    }),
    offsets: [],
  };
}

/** What a terminal is told; `held` and `open` may be changed as time goes on. */
function telling(follow: boolean, given: { isTold?: boolean; isolation?: 'read_uncommitted' } = {}) {
  const scene = {
    held: [] as ReadRange[],
    open: [] as TransactionDescription[],
    failure: undefined as BrokerError | undefined,
    asked: 0,
    said: [] as string[],
  };
  const report = new HeldReport({
    reader: { ranges: [range(0), range(1, 0)], heldBack: async () => scene.held } as unknown as Reader,
    transactions: {
      describe: async () => {
        scene.asked++;
        if (scene.failure !== undefined) throw scene.failure;
        return scene.open;
      },
    } as unknown as TransactionAdministration,
    isolation: given.isolation ?? 'read_committed',
    follow,
    isTold: given.isTold ?? true,
    now: Date.now,
    say: (line) => void scene.said.push(line),
  });
  return { scene, report };
}

const second = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1000);

it('a follower is told of each holder once, when it has been open for a second, and again when another one holds', async () => {
  const { scene, report } = telling(true);
  await second();
  expect([scene.asked, scene.said]).toEqual([0, []]);
  scene.held = [range(0), range(1)];
  scene.open = [transaction('a', -200, 0, 1)];
  await second();
  expect(scene.said).toEqual([]);
  await second();
  expect(scene.said).toEqual([
    '6 offsets of t 0, 1 are held back by a (process 4712, open for 1.8 s)',
    '`beck txn describe a` says how to end it; --isolation read_uncommitted shows them',
  ]);
  await second();
  expect(scene.said.splice(0)).toHaveLength(2);
  scene.open = [transaction('b', 5000, 1), transaction('a', 5000, 0)];
  await second();
  expect(scene.said.splice(0)).toEqual([
    '3 offsets of t 1 are held back by b (process 4712, open for 6 s)',
    '3 offsets of t 0 are held back by a (process 4712, open for 6 s)',
    '`beck txn list` says how to end it; --isolation read_uncommitted shows them',
  ]);
  scene.held = [];
  await second();
  scene.held = [range(0)];
  await second();
  expect(scene.said[0]).toMatch(/^3 offsets of t 0 are held back by a /);
  report.stop();
  const { asked } = scene;
  await second();
  expect(scene.asked).toBe(asked);
});

it('a busy database is no news for a follower', async () => {
  const { scene, report } = telling(true);
  scene.held = [range(0)];
  scene.failure = new BrokerError('STORAGE_BUSY', { path: 'x' });
  await second();
  scene.failure = undefined;
  scene.open = [transaction('a', 2000, 0)];
  await second();
  expect(scene.said).toHaveLength(2);
  report.stop();
});

it('whoever reads to the end is told at the end, of what was asked for and not shown', async () => {
  const { scene, report } = telling(false);
  await second();
  scene.open = [transaction('a', 0, 0)];
  await report.end();
  expect(scene.said).toEqual([
    '3 offsets of t 0 are held back by a (process 4712, open for 0 ms)',
    '`beck txn describe a` says how to end it; --isolation read_uncommitted shows them',
  ]);
});

it('of one that has ended meanwhile it is said that reading again helps', async () => {
  const { scene, report } = telling(false);
  await report.end();
  expect(scene.said).toEqual([
    '3 offsets of t 0 were held back by a transaction that has ended since',
    'reading again shows what became of them; --isolation read_uncommitted shows them',
  ]);
});

it.each([{ isTold: false }, { isolation: 'read_uncommitted' as const }])(
  '%j: nobody is told, and nobody is asked',
  async (given) => {
    for (const follow of [true, false]) {
      const { scene, report } = telling(follow, given);
      scene.held = [range(0)];
      await second();
      await report.end();
      expect([scene.asked, scene.said]).toEqual([0, []]);
    }
  },
);
