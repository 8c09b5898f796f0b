import { expect, it, vi } from 'vitest';
import { ConsumeSession, type SessionOptions } from '../../src/cli/consume/session.ts';
import { openOutput } from '../../src/cli/output/index.ts';
import type { GroupReader, Reader } from '../../src/client/cluster.ts';
import { setBaseOffset } from '../../src/record/batch.ts';
import { batchOf } from '../support/test-broker.ts';
import { memoryIo } from './memory-io.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const DAY = 86_400_000;

/** A session on a topic where nothing comes; `waits` is what happens each time it waits, then the topic ends. */
function idleSession(limits: Partial<SessionOptions>, waits: ((ms: number | null, stop: AbortSignal) => void)[]) {
  const { stdout } = memoryIo().io;
  const reader: Reader = {
    ranges: [],
    heldBack: async () => [],
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

/** Ten records a batch, of one partition; what the member is told, in the order in which stdout and the member hear of it. */
function memberSession(
  limits: Partial<SessionOptions>,
  given: { leavesAfter?: number; commits?: boolean; taken?: boolean } = {},
) {
  const log: string[] = [];
  const { stdout } = memoryIo({ readerLeavesAfter: given.leavesAfter ?? Number.POSITIVE_INFINITY });
  const write = stdout.write.bind(stdout);
  stdout.write = async (chunk) => {
    log.push('write');
    return write(chunk);
  };
  const batches = [0, 10].map((from) => ({
    topic: 't',
    partition: 0,
    seq: from,
    from,
    until: from + 10,
    blob: patched(batchOf(Array.from({ length: 10 }, (_, i) => ({ value: `${from + i}` }))), from),
  }));
  let done = 0;
  const member: GroupReader = {
    memberName: '4712',
    metadata: { group: 'g', memberId: 'beck-4712' },
    ranges: [
      {
        topic: 't',
        partition: 0,
        start: 0,
        end: null,
        logStart: 0,
        highWatermark: 20,
        lastStable: 20,
        heldBack: 0,
        lost: 0,
      },
    ],
    get ended() {
      return batches.length === 0;
    },
    next: async () => batches.splice(0, 1),
    tail: async () => 0,
    wait: async () => undefined,
    close: () => undefined,
    news: () => [],
    take: () => given.taken ?? true,
    done: (_topic, _partition, next) => {
      done = next;
      log.push(`done ${next}`);
    },
    commit: async () => {
      log.push('commit');
      return given.commits === false ? [] : [{ topic: 't', partition: 0, offset: done }];
    },
    leave: async () => [],
    heldBack: async () => [],
    committed: () => undefined,
    again: () => undefined,
    attend: async () => undefined,
  };
  const printer = openOutput('value', {
    delimiter: Buffer.from('\n'),
    nullValue: null,
    terminal: stdout,
    manyTopics: false,
    now: 0,
  });
  const interrupt = new AbortController().signal;
  const session = new ConsumeSession({ reader: member, member, printer, stdout, interrupt, ...limits });
  return session.run().then((outcome) => ({ ...outcome, log, text: stdout.text() }));
}

function patched(blob: Buffer, base: number): Buffer {
  setBaseOffset(blob, base);
  return blob;
}

it('a group is told what was shown after it was written', async () => {
  expect((await memberSession({})).log).toEqual(['write', 'done 10', 'write', 'done 20']);
});

it('a group is told of exactly as many records as -n asks for', async () => {
  const { log, printed } = await memberSession({ limit: 13 });
  expect([log, printed]).toEqual([['write', 'done 10', 'write', 'done 13'], 13]);
});

it('what no filter lets through is passed as well', async () => {
  const { log, text } = await memberSession({ filter: ({ offset }) => offset === 3 });
  expect([log, text]).toEqual([['write', 'done 10', 'done 20'], '3\n']);
});

it('at most once: the group is told before anything is written, and what it refuses is not', async () => {
  expect((await memberSession({ atMostOnce: true })).log).toEqual([
    'done 10',
    'commit',
    'write',
    'done 20',
    'commit',
    'write',
  ]);
  const refused = await memberSession({ atMostOnce: true }, { commits: false });
  expect([refused.log, refused.text, refused.printed]).toEqual([['done 10', 'commit', 'done 20', 'commit'], '', 0]);
});

it('batches of partitions that went to others are left out', async () => {
  expect(await memberSession({}, { taken: false })).toMatchObject({ log: [], text: '', printed: 0 });
});
