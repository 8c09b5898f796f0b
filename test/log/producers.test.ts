import { describe, expect, it } from 'vitest';
import { Housekeeping } from '../../src/broker/housekeeping.ts';
import type { Appended } from '../../src/log/log.ts';
import {
  addSequence,
  judgeSequence,
  type KnownBatch,
  withBatch,
  withMarker,
} from '../../src/log/producers/producer-state.ts';
import { PRODUCER_ID_EXPIRATION_MS } from '../../src/settings.ts';
import { openTestBroker, TestClock } from '../support/test-broker.ts';
import { give, refOf, refused, sealed, seen } from '../txn/txn-scene.ts';

const MAX = 2 ** 31 - 1;

const known = (firstSequence: number, lastSequence: number): KnownBatch => ({
  firstSequence,
  lastSequence,
  baseOffset: 1000 + firstSequence,
  appendTime: -1,
});

/** The last five batches of epoch 3: 10-14, 15-15, 16-19, 20-20, 21-29. */
const STATE = { epoch: 3, batches: [known(10, 14), known(15, 15), known(16, 19), known(20, 20), known(21, 29)] };

describe('a batch of a producer, by what is known of that', () => {
  it.each([
    ['the next one', 3, 30, 34, 'new'],
    ['the last one again', 3, 21, 29, 1021],
    ['the oldest of the five again', 3, 10, 14, 1010],
    ['one that is older', 3, 5, 9, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['a part of the last one', 3, 21, 25, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['the last one and more', 3, 21, 30, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['one too far', 3, 31, 35, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['the first of a new epoch', 4, 0, 9, 'new'],
    ['one of a new epoch with the numbers of an old one', 4, 21, 29, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['the next one, of a new epoch', 4, 30, 34, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['one of an old epoch', 2, 30, 34, 'INVALID_PRODUCER_EPOCH'],
    ['one of an old epoch with the numbers of a new one', 2, 21, 29, 'INVALID_PRODUCER_EPOCH'],
    ['the first of an old epoch', 2, 0, 0, 'INVALID_PRODUCER_EPOCH'],
  ])('%s (epoch %i, %i to %i): %s', (_, epoch, firstSequence, lastSequence, expected) => {
    const judge = () => judgeSequence(STATE, { producerId: 7, epoch, firstSequence, lastSequence });
    if (typeof expected === 'string' && expected !== 'new') expect(refused(judge)).toBe(expected);
    else expect(judge()?.baseOffset ?? 'new').toBe(expected);
  });

  it.each([
    ['nothing is known', undefined, 17, 'taken'],
    ['a marker came first', { epoch: 3, batches: [] }, 0, 'taken'],
    ['a marker came first, but it has written before', { epoch: 3, batches: [] }, 17, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['its last number was the largest', { epoch: 3, batches: [known(MAX - 4, MAX)] }, 0, 'taken'],
    ['it goes beyond the largest', { epoch: 3, batches: [known(MAX - 9, MAX - 5)] }, MAX - 4, 'taken'],
    ['its last batch went beyond the largest', { epoch: 3, batches: [known(MAX - 4, 5)] }, 6, 'taken'],
  ])('%s', (_, state, firstSequence, expected) => {
    const batch = { producerId: 7, epoch: 3, firstSequence, lastSequence: addSequence(firstSequence, 9) };
    expect(refused(() => judgeSequence(state, batch))).toBe(expected);
  });

  it.each([
    [0, 9, 9],
    [MAX - 4, 4, MAX],
    [MAX - 4, 5, 0],
    [MAX, 1, 0],
    [MAX - 1, 10, 8],
  ])('the number %i and %i more: %i', (from, more, expected) => {
    expect(addSequence(from, more)).toBe(expected);
  });

  it('leaves the last five, of its own epoch; a marker leaves them unless it fences them', () => {
    const after = withBatch(STATE, 3, known(30, 30));
    expect(after.batches.map(({ firstSequence }) => firstSequence)).toEqual([15, 16, 20, 21, 30]);
    expect(withBatch(STATE, 4, known(0, 0))).toEqual({ epoch: 4, batches: [known(0, 0)] });
    expect(withMarker(STATE, 3)).toBe(STATE);
    expect(withMarker(STATE, 4)).toEqual({ epoch: 4, batches: [] });
    expect(withMarker(undefined, 4)).toEqual({ epoch: 4, batches: [] });
  });
});

function opened(configs: Record<string, string> = {}) {
  const clock = new TestClock();
  const broker = openTestBroker({ clock });
  broker.createTopics([{ name: 't', partitions: 2, configs }]);
  const id = broker.transactions.init({ transactionalId: null, timeoutMs: 0 });
  const plain = (values: readonly string[], sequence: number, epoch = 0, partition = 0) =>
    give(broker, sealed({ ...id, epoch }, values, { sequence, transactional: false }), { origin: 'client', partition });
  return { broker, clock, id, plain };
}

describe('an idempotent producer', () => {
  it('may send any of its last five batches again: it is answered as at first, and nothing is written', () => {
    const { broker, plain } = opened();
    const answers = [0, 2, 4, 6, 8, 10].map((sequence) => plain([`${sequence}`, '.'], sequence) as Appended);
    const lastSeq = broker.rows.lastSeq();
    for (const [i, answer] of answers.entries()) {
      const again = plain([`${2 * i}`, '.'], 2 * i);
      if (i === 0) expect(again).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
      else expect(again).toEqual({ ...answer, seq: null });
    }
    expect(broker.rows.lastSeq()).toBe(lastSeq);
    expect(plain(['next'], 12)).toMatchObject({ baseOffset: 12 });
  });

  it('is told the broker’s time of the first one again', () => {
    const { clock, plain } = opened({ 'message.timestamp.type': 'LogAppendTime' });
    const first = plain(['a'], 0) as Appended;
    expect(first.appendTime).toBe(clock.time);
    clock.time += 1000;
    expect(plain(['a'], 0)).toEqual({ ...first, seq: null });
  });

  it('has numbers of its own in each partition', () => {
    const { broker, plain } = opened();
    plain(['a'], 0);
    expect(plain(['b'], 1, 0, 1)).toMatchObject({ baseOffset: 0 });
    expect(plain(['b'], 0, 0, 1)).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    expect([seen(broker), seen(broker, 1)]).toEqual([['a'], ['b']]);
  });

  it('whose batch is refused has its neighbours stored', () => {
    const { broker, id } = opened();
    const blob = (value: string, sequence: number) => ({
      partition: 0,
      blob: sealed(id, [value], { sequence, transactional: false }),
    });
    broker.append('t', [blob('a', 0), blob('lost', 5), blob('b', 1)], 'client', 'normal');
    expect(seen(broker)).toEqual(['a', 'b']);
  });

  it('with a new epoch begins anew, and its old self is refused', () => {
    const { plain } = opened();
    plain(['a'], 0);
    expect(plain(['b'], 0, 1)).toMatchObject({ baseOffset: 1 });
    expect(plain(['c'], 1, 0)).toBe('INVALID_PRODUCER_EPOCH');
  });

  it('is forgotten after a day, and may go on where it likes', () => {
    const { broker, clock, plain } = opened();
    plain(['a'], 0);
    const round = () => new Housekeeping(broker).runBriefly(Number.POSITIVE_INFINITY);
    clock.time += PRODUCER_ID_EXPIRATION_MS;
    round();
    expect(plain(['c'], 2)).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    clock.time += PRODUCER_ID_EXPIRATION_MS + 1;
    round();
    expect(plain(['c'], 2)).toMatchObject({ baseOffset: 1 });
  });

  it('with an open transaction is not forgotten', () => {
    const { broker, clock } = opened();
    const process = { pid: 1, started: '1', namespace: 'elsewhere' };
    const me = refOf('x', broker.transactions.init({ transactionalId: 'x', timeoutMs: null, process }));
    give(broker, sealed(me, ['a']));
    clock.time += 2 * PRODUCER_ID_EXPIRATION_MS;
    broker.transactions.expireProducers();
    expect(give(broker, sealed(me, ['c'], { sequence: 2 }))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    expect(give(broker, sealed(me, ['b'], { sequence: 1 }))).toMatchObject({ baseOffset: 1 });
  });

  it('that has a transaction open in a partition writes nothing else there', () => {
    const { broker } = opened();
    const me = refOf('x', broker.transactions.init({ transactionalId: 'x', timeoutMs: 1000 }));
    give(broker, sealed(me, ['a']));
    const plain = (partition: number, sequence: number) =>
      give(broker, sealed(me, ['b'], { sequence, transactional: false }), { partition, origin: 'client' });
    expect(plain(0, 1)).toBe('INVALID_TXN_STATE');
    expect(plain(1, 0)).toMatchObject({ baseOffset: 0 });
    broker.transactions.end(me, true);
    expect(plain(0, 1)).toMatchObject({ baseOffset: 2 });
  });
});

describe('a transactional producer', () => {
  it('goes on counting over its transactions; a copy of a batch that is committed already begins none', () => {
    const { broker } = opened();
    const me = refOf('x', broker.transactions.init({ transactionalId: 'x', timeoutMs: 1000 }));
    const first = give(broker, sealed(me, ['a', 'b'])) as Appended;
    broker.transactions.end(me, true);
    expect(give(broker, sealed(me, ['a', 'b']))).toEqual({ ...first, seq: null });
    expect(broker.transactions.list()[0]?.state).toBe('CompleteCommit');
    expect(give(broker, sealed(me, ['c'], { sequence: 2 }))).toMatchObject({ baseOffset: 3 });
    broker.transactions.end(me, true);
    expect(seen(broker)).toEqual(['a', 'b', 'c']);
  });

  it('that was fenced is refused in each partition that its transaction had, even without its transactional id', () => {
    const { broker } = opened();
    const me = refOf('x', broker.transactions.init({ transactionalId: 'x', timeoutMs: 1000 }));
    give(broker, sealed(me, ['a']));
    broker.transactions.abort('x');
    const late = sealed(me, ['b'], { sequence: 1, transactional: false });
    expect(give(broker, late, { origin: 'client' })).toBe('INVALID_PRODUCER_EPOCH');
  });
});
