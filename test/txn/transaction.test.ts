import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../src/errors.ts';
import { MAX_TRANSACTION_TIMEOUT_MS, TRANSACTIONAL_ID_EXPIRATION_MS } from '../../src/settings.ts';
import { LAST_EPOCH, type TransactionRef } from '../../src/txn/transaction.ts';
import { give, processOf, refOf, refused, sealed, TxnScene } from './txn-scene.ts';

const STATES = ['none', 'Empty', 'Ongoing', 'CompleteCommit', 'CompleteAbort'] as const;

/** Brings `x` into a state; what it is then. Epoch 4, and 3 before that; nobody knows of it in `none`. */
function into(scene: TxnScene, state: (typeof STATES)[number]): TransactionRef {
  if (state === 'none') return refOf('x', { producerId: 7, epoch: 4 });
  for (let epoch = 0; epoch < 3; epoch++) scene.init();
  const before = scene.init();
  const me = scene.init({ current: before });
  if (state === 'Empty') return me;
  scene.addPartitions(me, 0);
  give(scene.broker, sealed(me, ['a']), { origin: 'client' });
  if (state !== 'Ongoing') scene.end(me, state === 'CompleteCommit');
  return me;
}

const sent = (scene: TxnScene) => ({ group: 'idle', member: null, offsets: [{ id: scene.source(0), offset: 5 }] });

/** What may happen to a transactional id. */
const EVENTS: Readonly<Record<string, (scene: TxnScene, me: TransactionRef) => unknown>> = {
  'init, by anybody': (scene) => scene.init(),
  'init, as what it is': (scene, me) => scene.init({ current: me }),
  'init, as what it was': (scene, me) => scene.init({ current: { ...me, epoch: me.epoch - 1 } }),
  'init, as what it was long ago': (scene, me) => scene.init({ current: { ...me, epoch: 0 } }),
  'init, as another producer': (scene, me) => scene.init({ current: { ...me, producerId: 99 } }),
  'add partitions': (scene, me) => scene.addPartitions(me, 0, 1),
  'add offsets': (scene, me) => scene.write((transactions, now) => transactions.addOffsets(me, 'g', now)),
  'send offsets': (scene, me) => scene.write((transactions) => transactions.pend(me, sent(scene), scene.around)),
  'append, having added the partition': (scene, me) => {
    scene.addPartitions(me, 2);
    thrown(give(scene.broker, sealed(me, ['b']), { partition: 2, origin: 'client' }));
  },
  'append, not having': (scene, me) =>
    thrown(give(scene.broker, sealed(me, ['b']), { partition: 2, origin: 'client' })),
  "append, one of beck's own": (scene, me) => thrown(give(scene.broker, sealed(me, ['b']), { partition: 2 })),
  commit: (scene, me) => scene.end(me, true),
  abort: (scene, me) => scene.end(me, false),
  'commit with nothing more': (scene, me) =>
    scene.write((transactions) => transactions.commitWith(me, null, scene.around)),
  'abort, by an administrator': (scene) => scene.write((transactions, now) => transactions.abort('x', now)),
  'time passes, less than its timeout': (scene) => pass(scene, 1000),
  'time passes, more than its timeout': (scene) => pass(scene, 1001),
  'a week passes': (scene) => pass(scene, TRANSACTIONAL_ID_EXPIRATION_MS),
  'more than a week passes': (scene) => pass(scene, TRANSACTIONAL_ID_EXPIRATION_MS + 1),
  'it is forgotten': (scene, me) => scene.write((transactions, now) => transactions.forget(me, now)),
  'it is forgotten, and another by now': (scene, me) =>
    scene.write((transactions, now) => transactions.forget({ ...me, epoch: 3 }, now)),
  'whatever, with an old epoch': (scene, me) => scene.addPartitions({ ...me, epoch: 3 }, 0),
  'whatever, as another producer': (scene, me) => scene.addPartitions({ ...me, producerId: 99 }, 0),
  'append, with an old epoch': (scene, me) =>
    thrown(give(scene.broker, sealed({ ...me, epoch: 3 }, ['b']), { partition: 2, origin: 'client' })),
};

const UNMAPPED = 'INVALID_PRODUCER_ID_MAPPING';
const FENCED = 'PRODUCER_FENCED';
const WRONG = 'INVALID_TXN_STATE';

/**
 * One edge a cell: the state afterwards, `+1` with the next epoch (4 was the last), or what is thrown, and then nothing has changed.
 * In the order of STATES.
 */
const EDGES: Readonly<Record<string, readonly string[]>> = {
  'init, by anybody': ['Empty', 'Empty+1', 'Empty+1', 'Empty+1', 'Empty+1'],
  'init, as what it is': ['Empty', 'Empty+1', 'Empty+1', 'Empty+1', 'Empty+1'],
  'init, as what it was': ['Empty', 'Empty', 'Ongoing', 'CompleteCommit', 'CompleteAbort'],
  'init, as what it was long ago': ['Empty', FENCED, FENCED, FENCED, FENCED],
  'init, as another producer': ['Empty', FENCED, FENCED, FENCED, FENCED],
  'add partitions': [UNMAPPED, 'Ongoing', 'Ongoing', 'Ongoing', 'Ongoing'],
  'add offsets': [UNMAPPED, 'Ongoing', 'Ongoing', 'Ongoing', 'Ongoing'],
  'send offsets': [UNMAPPED, WRONG, 'Ongoing', WRONG, WRONG],
  'append, having added the partition': [UNMAPPED, 'Ongoing', 'Ongoing', 'Ongoing', 'Ongoing'],
  'append, not having': [UNMAPPED, WRONG, WRONG, WRONG, WRONG],
  "append, one of beck's own": [UNMAPPED, 'Ongoing', 'Ongoing', 'Ongoing', 'Ongoing'],
  commit: [UNMAPPED, WRONG, 'CompleteCommit', 'CompleteCommit', WRONG],
  abort: [UNMAPPED, WRONG, 'CompleteAbort', WRONG, 'CompleteAbort'],
  'commit with nothing more': [UNMAPPED, 'Empty', 'CompleteCommit', 'CompleteCommit', 'CompleteAbort'],
  'abort, by an administrator': ['TRANSACTIONAL_ID_NOT_FOUND', WRONG, 'CompleteAbort+1', WRONG, WRONG],
  'time passes, less than its timeout': ['none', 'Empty', 'Ongoing', 'CompleteCommit', 'CompleteAbort'],
  'time passes, more than its timeout': ['none', 'Empty', 'CompleteAbort+1', 'CompleteCommit', 'CompleteAbort'],
  'a week passes': ['none', 'Empty', 'CompleteAbort+1', 'CompleteCommit', 'CompleteAbort'],
  'more than a week passes': ['none', 'none', 'CompleteAbort+1', 'none', 'none'],
  'it is forgotten': ['none', 'none', 'none', 'none', 'none'],
  'it is forgotten, and another by now': ['none', 'Empty', 'Ongoing', 'CompleteCommit', 'CompleteAbort'],
  'whatever, with an old epoch': [UNMAPPED, FENCED, FENCED, FENCED, FENCED],
  'whatever, as another producer': [UNMAPPED, UNMAPPED, UNMAPPED, UNMAPPED, UNMAPPED],
  'append, with an old epoch': [UNMAPPED, ...Array(4).fill('INVALID_PRODUCER_EPOCH')],
};

function thrown(answer: unknown): void {
  if (typeof answer === 'string') throw new BrokerError(answer as 'BUG', {});
}

function pass(scene: TxnScene, ms: number): void {
  scene.clock.time += ms;
  scene.sweep();
}

function shape(scene: TxnScene): string {
  const row = scene.row();
  if (row === undefined) return 'none';
  const grown = row.epoch - 4;
  return grown > 0 ? `${row.state}+${grown}` : row.state;
}

const CELLS = Object.entries(EDGES).flatMap(([event, row]) =>
  row.map((expected, i) => [STATES[i] as (typeof STATES)[number], event, expected] as const),
);

it('every event has its edges, from every state', () => {
  expect(Object.keys(EDGES)).toEqual(Object.keys(EVENTS));
  for (const row of Object.values(EDGES)) expect(row).toHaveLength(STATES.length);
});

it.each(CELLS)('%s, %s: %s', (state, event, expected) => {
  const scene = new TxnScene();
  const me = into(scene, state);
  const before = scene.row();
  const answer = refused(() => EVENTS[event]?.(scene, me));
  if (/^[A-Z_]+$/.test(expected)) {
    expect(answer).toBe(expected);
    expect(scene.row()).toEqual(before);
    return;
  }
  expect(answer).toBe('taken');
  expect(shape(scene)).toBe(expected);
  const open = scene.row()?.state === 'Ongoing';
  expect(scene.row()?.started ?? null).toBe(open ? (before?.started ?? scene.clock.time) : null);
});

describe('who comes again (KIP-360)', () => {
  it('is answered the same, as often as he asks, until he goes on', () => {
    const scene = new TxnScene();
    const first = scene.init();
    const second = scene.init({ current: first });
    expect([scene.init({ current: first }), scene.init({ current: first })]).toEqual([second, second]);
    const third = scene.init({ current: second });
    expect(third.epoch).toBe(2);
    expect(refused(() => scene.init({ current: first }))).toBe('PRODUCER_FENCED');
  });

  it('and whose transaction was aborted by others is fenced: another one may be at work', () => {
    const scene = new TxnScene();
    const me = scene.init({ current: scene.init() });
    scene.addPartitions(me, 0);
    pass(scene, 1001);
    expect(refused(() => scene.init({ current: me }))).toBe('PRODUCER_FENCED');
    expect(refused(() => scene.end(me, false))).toBe('PRODUCER_FENCED');
  });

  it('as one that was forgotten begins anew', () => {
    const scene = new TxnScene();
    const was = scene.init();
    pass(scene, TRANSACTIONAL_ID_EXPIRATION_MS + 1);
    const me = scene.init({ current: was });
    expect(me).toEqual({ transactionalId: 'x', producerId: was.producerId + 1, epoch: 0 });
    expect(scene.init({ current: was })).toEqual(me);
  });
});

describe('the last epoch', () => {
  /** `x` at an epoch, with a transaction open or not. */
  function at(scene: TxnScene, epoch: number, open: boolean): TransactionRef {
    const me = { ...scene.init(), epoch };
    scene.broker.store.prepare('UPDATE txn SET epoch = ?').run(epoch);
    if (open) give(scene.broker, sealed(me, ['a']));
    return me;
  }

  it.each([
    [LAST_EPOCH - 2, false, LAST_EPOCH - 1],
    [LAST_EPOCH - 1, false, 0],
    [LAST_EPOCH - 2, true, LAST_EPOCH - 1],
    [LAST_EPOCH - 1, true, 0],
  ])('after %i (open: %s) comes %i, of a new producer id when that is 0', (epoch, open, next) => {
    const scene = new TxnScene();
    const was = at(scene, epoch, open);
    const me = scene.init({ current: was });
    expect(me.epoch).toBe(next);
    expect(me.producerId !== was.producerId).toBe(next === 0);
    expect(scene.init({ current: was })).toEqual(me);
    expect(give(scene.broker, sealed(was, ['b'], { sequence: 1 }))).toMatch(/^INVALID_PRODUCER_(EPOCH|ID_MAPPING)$/);
  });

  it('fences the one before it, and is no producer itself', () => {
    const scene = new TxnScene();
    const was = at(scene, LAST_EPOCH - 1, true);
    scene.write((transactions, now) => transactions.abort('x', now));
    expect(scene.row()).toMatchObject({ epoch: LAST_EPOCH, state: 'CompleteAbort' });
    expect(give(scene.broker, sealed(was, ['b'], { sequence: 1 }))).toBe('INVALID_PRODUCER_EPOCH');
    expect(scene.init()).toMatchObject({ producerId: was.producerId + 1, epoch: 0 });
  });
});

describe('who may come', () => {
  it.each([
    ['', 1000, 'USAGE'],
    ['a\nb', 1000, 'USAGE'],
    ['x', 0, 'INVALID_TRANSACTION_TIMEOUT'],
    ['x', MAX_TRANSACTION_TIMEOUT_MS + 1, 'INVALID_TRANSACTION_TIMEOUT'],
    ['x', null, 'INVALID_TRANSACTION_TIMEOUT'],
    ['x', MAX_TRANSACTION_TIMEOUT_MS, 'taken'],
    ['ünïcode and spaces', 1, 'taken'],
  ])('%j with a timeout of %s: %s', (transactionalId, timeoutMs, expected) => {
    const scene = new TxnScene();
    expect(refused(() => scene.init({ transactionalId, timeoutMs }))).toBe(expected);
  });

  it('a process may take as long as it lives', () => {
    const scene = new TxnScene();
    scene.init({ timeoutMs: null, process: processOf(1) });
    give(scene.broker, sealed(scene.row() as TransactionRef, ['a']));
    pass(scene, 100 * TRANSACTIONAL_ID_EXPIRATION_MS);
    expect(scene.row()).toMatchObject({ state: 'Ongoing', epoch: 0 });
  });

  it('producer ids are never given twice, with or without a transactional id (X1)', () => {
    const scene = new TxnScene();
    const plain = () => scene.write((t, now) => t.init({ transactionalId: null, timeoutMs: 0 }, now).producerId);
    const ids = [plain(), scene.init().producerId, plain(), scene.init({ transactionalId: 'y' }).producerId, plain()];
    expect(ids).toEqual([1, 2, 3, 4, 5]);
  });

  it('an unknown transactional id is told which one may have been meant', () => {
    const scene = new TxnScene();
    scene.init({ transactionalId: 'orders-1' });
    expect(() => scene.write((t, now) => t.abort('order-1', now))).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("did you mean 'orders-1'?") }),
    );
  });
});
