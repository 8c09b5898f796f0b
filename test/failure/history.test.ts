/** The judge of histories, judged: it finds each anomaly in a history that has it, and none in one that has none. */
import { describe, expect, it } from 'vitest';
import { seeded } from '../support/seed.ts';
import { type Anomaly, anomaliesOf } from './history/anomalies.ts';
import type { History, Operation, Outcome, PartitionName, ReadOf, Send, Written } from './history/operation.ts';
import { FAULTS, simulate } from './history/simulated-log.ts';

type Times = readonly [invoked: number, completed: number];

/** Of `value@topic/partition:offset`, of which only the value must be there. */
function sendOf(text: string): Send {
  const [, value = '', partition, offset] = /^(\w+)(?:@(.+?)(?::(\d+))?)?$/.exec(text) ?? [];
  return { value, partition: partition as PartitionName, offset: offset === undefined ? undefined : Number(offset) };
}

function write(process: string, [invoked, completed]: Times, outcome: Outcome, wrote: Written): Operation {
  return { process, invoked, completed, outcome, wrote };
}

function transaction(process: string, times: Times, outcome: Outcome, ...records: string[]): Operation {
  return write(process, times, outcome, { transaction: true, topics: ['t'], sends: records.map(sendOf) });
}

function plain(process: string, times: Times, outcome: Outcome, ...records: string[]): Operation {
  return write(process, times, outcome, { transaction: false, topics: ['t'], sends: records.map(sendOf) });
}

/** All of one key. */
function keyed(process: string, times: Times, outcome: Outcome, ...records: string[]): Operation {
  const sends = records.map((text) => ({ ...sendOf(text), key: 'k' }));
  return write(process, times, outcome, { transaction: false, topics: ['t'], sends });
}

function read(process: string, [invoked, completed]: Times, records: string, how: Partial<ReadOf> = {}): Operation {
  const seen = records.split(' ').flatMap((text) => (text === '' ? [] : [sendOf(text) as ReadOf['seen'][number]]));
  const all = { topics: ['t'], isolation: 'committed', from: 'start', to: 'end', seen, ...how } as const;
  return { process, invoked, completed, outcome: 'ok', read: all };
}

const rest = (records: string, how: Partial<ReadOf> = {}) => read('rest', [90, 99], records, { to: 'rest', ...how });

/** `w` writes alone, `x` and `y` transactions that overlap, `z` one that is aborted, and markers lie between them. */
const CLEAN: readonly Operation[] = [
  plain('w', [1, 5], 'ok', 'a@t/0:0', 'b@t/1:0'),
  transaction('x', [10, 20], 'ok', 'c@t/0:1', 'd@t/1:1', 'e@t/1:3'),
  transaction('y', [11, 25], 'ok', 'f@t/1:2', 'g@t/0:3'),
  transaction('z', [30, 35], 'fail', 'h', 'i'),
  plain('v', [40, 45], 'info', 'j@t/0:7', 'k', 'l'),
];
const READ_CLEAN = 'a@t/0:0 c@t/0:1 g@t/0:3 j@t/0:7 b@t/1:0 d@t/1:1 f@t/1:2 e@t/1:3';

interface Case {
  readonly of: string;
  readonly found: readonly Anomaly[];
  readonly operations: readonly Operation[];
  readonly more?: Omit<History, 'operations'>;
}

const nothing = (of: string, operations: readonly Operation[], more?: Case['more']): Case => ({
  of,
  found: [],
  operations,
  ...(more && { more }),
});

const COMPACTED = { compacted: new Set<PartitionName>(['t/0']) };

const CASES: readonly Case[] = [
  nothing('an aborted one that a reader of everything sees', [
    plain('w', [1, 5], 'ok', 'a@t/0:0'),
    transaction('x', [10, 20], 'fail', 'b', 'c'),
    read('r', [11, 12], 'a@t/0:0 b@t/0:1', { isolation: 'uncommitted' }),
    rest('a@t/0:0'),
  ]),
  nothing('an aborted attempt that a reader of everything sees, and the one that succeeds', [
    plain('piped', [1, 9], 'ok', 'a@t/0'),
    read('r', [4, 5], 'a@t/0:0', { isolation: 'uncommitted', to: 'anywhere' }),
    read('s', [6, 7], 'a@t/0:2', { to: 'anywhere' }),
    rest('a@t/0:2'),
  ]),
  nothing('half of a transaction, that another one holds back', [
    transaction('x', [1, 9], 'ok', 'a@t/0:0', 'b@t/0:2'),
    transaction('y', [1, 30], 'fail', 'c'),
    read('r', [10, 11], 'a@t/0:0'),
    rest('a@t/0:0 b@t/0:2'),
  ]),
  nothing('a killed transaction of which all is there', [
    transaction('x', [1, 9], 'info', 'a', 'b'),
    rest('a@t/0:0 b@t/1:0'),
  ]),
  nothing('a killed transaction of which nothing is there', [transaction('x', [1, 9], 'info', 'a', 'b'), rest('')]),
  nothing(
    'what was trimmed',
    [
      plain('w', [1, 2], 'ok', 'a@t/0:0', 'b@t/0:1'),
      transaction('x', [3, 4], 'info', 'c@t/0', 'd@t/1'),
      rest('d@t/1:0'),
    ],
    { logStarts: new Map([['t/0', 2]]) },
  ),
  nothing('what was compacted', [keyed('w', [1, 2], 'ok', 'a@t/0:0', 'b@t/0:1'), rest('b@t/0:1')], COMPACTED),
  nothing(
    'what was compacted for the sake of a record whose producer was killed before it could say so',
    [keyed('w', [1, 2], 'ok', 'a@t/0:0'), keyed('v', [3, 4], 'info', 'b'), rest('b@t/0:1')],
    COMPACTED,
  ),
  nothing('a reader who is held back by an open transaction', [
    transaction('x', [1, 50], 'ok', 'a@t/0:0'),
    plain('w', [2, 3], 'ok', 'b@t/0:1'),
    read('r', [10, 11], ''),
    rest('a@t/0:0 b@t/0:1'),
  ]),
  nothing('a follower who is cut off in a transaction', [
    transaction('x', [1, 5], 'ok', 'a@t/0:0', 'b@t/0:1'),
    read('r', [1, 6], 'a@t/0:0', { to: 'anywhere' }),
    rest('a@t/0:0 b@t/0:1'),
  ]),
  {
    of: 'what was compacted for the sake of a record that nobody sees',
    found: ['lost-write'],
    operations: [keyed('w', [1, 2], 'ok', 'a@t/0:0'), keyed('v', [3, 4], 'info', 'b'), rest('')],
    more: COMPACTED,
  },
  {
    of: 'an acknowledged record that nobody sees, though somebody is behind it',
    found: ['lost-write', 'poll-skip'],
    operations: [plain('w', [1, 2], 'ok', 'a@t/0:0', 'b@t/0:1'), read('r', [1, 3], 'b@t/0:1', { to: 'anywhere' })],
  },
  {
    of: 'an acknowledged record that is not in the rest',
    found: ['lost-write'],
    operations: [plain('w', [1, 2], 'ok', 'a'), rest('')],
  },
  {
    of: 'a committed transaction that nobody sees',
    found: ['lost-write', 'poll-skip'],
    operations: [
      transaction('x', [1, 2], 'ok', 'a@t/0:0'),
      plain('w', [3, 4], 'ok', 'b@t/0:1'),
      read('r', [1, 5], 'b@t/0:1', { to: 'anywhere' }),
    ],
  },
  {
    of: 'a record at two offsets',
    found: ['duplicate'],
    operations: [plain('w', [1, 2], 'info', 'a'), rest('a@t/0:0 a@t/0:1')],
  },
  {
    of: 'two readers who differ about an offset',
    found: ['inconsistent-offset', 'stale-read'],
    operations: [
      plain('v', [1, 2], 'info', 'a'),
      plain('w', [1, 2], 'info', 'b'),
      read('r', [5, 6], 'a@t/0:0'),
      read('s', [5, 6], 'b@t/0:0'),
    ],
  },
  {
    of: 'a producer whose offsets go down',
    found: ['nonmonotonic-send'],
    operations: [plain('w', [1, 2], 'ok', 'a@t/0:1', 'b@t/0:0'), rest('b@t/0:0 a@t/0:1')],
  },
  {
    of: 'what was over before another began, and lies behind it',
    found: ['realtime-order'],
    operations: [plain('v', [1, 2], 'ok', 'a@t/0:1'), plain('w', [3, 4], 'ok', 'b@t/0:0'), rest('b@t/0:0 a@t/0:1')],
  },
  { of: 'a value that nobody sent', found: ['invented-read'], operations: [rest('a@t/0:0')] },
  {
    of: 'an aborted transaction that a reader of committed records sees',
    found: ['aborted-read'],
    operations: [transaction('x', [1, 2], 'fail', 'a'), read('r', [5, 6], 'a@t/0:0')],
  },
  {
    of: 'a transaction that is seen while it is still being given records',
    found: ['precommitted-read'],
    operations: [
      write('x', [1, 9], 'ok', { transaction: true, topics: ['t'], sends: [sendOf('a@t/0:0')], committableFrom: 8 }),
      read('r', [2, 3], 'a@t/0:0'),
    ],
  },
  {
    of: 'a record that is seen before it was sent',
    found: ['precommitted-read'],
    operations: [
      plain('w', [5, 6], 'ok', 'a@t/0:0'),
      read('r', [2, 3], 'a@t/0:0', { isolation: 'uncommitted' }),
      rest('a@t/0:0'),
    ],
  },
  {
    of: 'half of a transaction in one partition',
    found: ['torn-transaction'],
    operations: [
      transaction('x', [1, 9], 'ok', 'a@t/0:0', 'b@t/0:1'),
      read('r', [2, 3], 'a@t/0:0'),
      rest('a@t/0:0 b@t/0:1'),
    ],
  },
  {
    of: 'one partition of a transaction',
    found: ['torn-transaction'],
    operations: [
      transaction('x', [1, 9], 'ok', 'a@t/0:0', 'b@t/1:0'),
      read('r', [2, 3], 'b@t/1:0'),
      rest('a@t/0:0 b@t/1:0'),
    ],
  },
  {
    of: 'a killed transaction of which one partition knows nothing',
    found: ['lost-write', 'torn-transaction'],
    operations: [transaction('x', [1, 9], 'info', 'a', 'b'), rest('a@t/0:0')],
  },
  {
    of: 'a follower who goes back',
    found: ['nonmonotonic-poll'],
    operations: [
      plain('w', [1, 2], 'ok', 'a@t/0:0', 'b@t/0:1'),
      read('r', [3, 4], 'a@t/0:0 b@t/0:1', { to: 'anywhere' }),
      read('r', [5, 6], 'b@t/0:1', { to: 'anywhere' }),
    ],
  },
  {
    of: 'a follower who skips what another one sees',
    found: ['poll-skip'],
    operations: [
      plain('w', [1, 2], 'ok', 'a@t/0:0', 'b@t/0:1', 'c@t/0:2'),
      read('r', [3, 4], 'a@t/0:0', { to: 'anywhere' }),
      read('r', [5, 6], 'c@t/0:2', { to: 'anywhere' }),
      rest('a@t/0:0 b@t/0:1 c@t/0:2'),
    ],
  },
  {
    of: 'a reader who does not see what was there, and nothing holds it back',
    found: ['stale-read'],
    operations: [
      plain('w', [1, 2], 'ok', 'a@t/0:0'),
      transaction('x', [1, 4], 'info', 'b'),
      read('r', [5, 6], ''),
      rest('a@t/0:0'),
    ],
  },
  {
    of: 'two transactions that are each before the other',
    found: ['G0'],
    operations: [
      transaction('x', [1, 9], 'ok', 'a@t/0:0', 'b@t/1:1'),
      transaction('y', [1, 9], 'ok', 'c@t/1:0', 'd@t/0:1'),
      rest('a@t/0:0 d@t/0:1 c@t/1:0 b@t/1:1'),
    ],
  },
  {
    of: 'two transactions that have read what the other one wrote',
    found: ['G1c'],
    operations: [
      { ...transaction('x', [1, 9], 'ok', 'a@t/0:0'), read: read('', [1, 9], 'b@t/1:0', { to: 'anywhere' }).read },
      { ...transaction('y', [1, 9], 'ok', 'b@t/1:0'), read: read('', [1, 9], 'a@t/0:0', { to: 'anywhere' }).read },
    ],
  },
];

describe('the judge of histories', () => {
  it('has nothing to say of a clean one, but that its transactions overlap', () => {
    const operations = [...CLEAN, read('r', [12, 13], 'a@t/0:0 b@t/1:0'), rest(READ_CLEAN)];
    expect(anomaliesOf({ operations })).toEqual({ G0: [expect.stringContaining('x')] });
    expect(anomaliesOf({ operations }, ['G0'])).toEqual({});
  });

  it.each(CASES)('$of: $found', ({ operations, found, more }) => {
    expect(Object.keys(anomaliesOf({ operations, ...more })).sort()).toEqual([...found].sort());
  });

  it('names the record and who is concerned, and not every one of thousands', () => {
    const values = Array.from({ length: 1000 }, (_, i) => `v${i}`);
    const operations = [
      transaction('x', [1, 2], 'fail', ...values),
      rest(values.map((v, i) => `${v}@t/0:${i}`).join(' ')),
    ];
    const { 'aborted-read': sentences = [] } = anomaliesOf({ operations });
    expect(sentences).toHaveLength(5);
    expect(sentences[0]).toContain("rest saw 'v0' at t/0:0, of which x knows");
  });
});

describe('the judge of a simulated log', () => {
  it('finds nothing in a hundred runs without a fault', () => {
    const random = seeded('a log without faults');
    for (let run = 0; run < 100; run++) expect(anomaliesOf(simulate(random), ['G0'])).toEqual({});
  });

  it.each(FAULTS)('finds that it $does', ({ does, shows, fault }) => {
    const random = seeded(`a log that ${does}`);
    const found = new Set<string>();
    for (let run = 0; run < 100 && !shows.every((one) => found.has(one)); run++)
      for (const name of Object.keys(anomaliesOf(simulate(random, fault), ['G0']))) found.add(name);
    expect([...found]).toEqual(expect.arrayContaining([...shows]));
  });
});
