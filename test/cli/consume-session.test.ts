import { expect, it, vi } from 'vitest';
import { ConsumeSession, type SessionOptions } from '../../src/cli/consume/session.ts';
import { openOutput } from '../../src/cli/output/index.ts';
import type { Reader } from '../../src/client/cluster.ts';
import { memoryIo } from './memory-io.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const DAY = 86_400_000;

/** A session on a topic where nothing comes; `waits` is what happens each time it waits, then the topic ends. */
function idleSession(limits: Partial<SessionOptions>, waits: ((ms: number | null, stop: AbortSignal) => void)[]) {
  const { stdout } = memoryIo().io;
  const reader: Reader = {
    ranges: [],
    get ended() {
      return waits.length === 0;
    },
    next: async () => [],
    tail: async () => 0,
    wait: async (ms, stop) => waits.shift()?.(ms, stop),
    close: () => undefined,
  };
  const printer = openOutput('jsonl', {
    delimiter: Buffer.from('\n'),
    nullValue: null,
    terminal: stdout,
    manyTopics: false,
    now: 0,
  });
  const interrupt = new AbortController().signal;
  return new ConsumeSession({ reader, printer, stdout, interrupt, ...limits }).run();
}

it('an --idle-timeout beyond what a timer can wait is waited for in pieces', async () => {
  const asked: (number | null)[] = [];
  const note = (ms: number | null) => void asked.push(ms);
  expect(await idleSession({ idleTimeout: 30 * DAY }, [note, note])).toMatchObject({ ending: 'end' });
  expect(asked).toEqual([LONGEST_TIMER_MS, LONGEST_TIMER_MS]);
});

it('so is a --timeout, and it ends the session when all of it is over', async () => {
  vi.useFakeTimers();
  try {
    const stops: boolean[] = [];
    const sleep = (ms: number) => (_: number | null, stop: AbortSignal) => {
      vi.advanceTimersByTime(ms);
      stops.push(stop.aborted);
    };
    const session = idleSession({ timeout: 100 * DAY }, [sleep(99 * DAY), sleep(DAY), sleep(0)]);
    expect(await session).toMatchObject({ ending: 'timeout' });
    expect(stops).toEqual([false, true]);
  } finally {
    vi.useRealTimers();
  }
});
