import { expect, it } from 'vitest';
import { check } from '../support/test-broker.ts';
import { give, sealed, TxnScene } from './txn-scene.ts';

/** `x` is open with records, a partition and an offset; `y`, of a process, has committed. Then somebody writes to the file by hand. */
function damaged(harm: string, remedy: string): string[] {
  const scene = new TxnScene();
  const { broker } = scene;
  const me = scene.init();
  give(broker, sealed(me, ['a']));
  const offsets = [{ id: scene.source(0), offset: 1 }];
  scene.write((transactions) => transactions.pend(me, { group: 'g', member: null, offsets }, scene.around));
  const other = scene.initProcess(1, { transactionalId: 'y' });
  give(broker, sealed(other, ['b']), { partition: 1 });
  scene.end(other, true);
  expect(check(broker)).toEqual([]);
  const run = (sql: string) => broker.store.write(() => broker.store.prepare(sql).run());
  run(harm);
  const problems = check(broker);
  run(remedy);
  return problems;
}

it.each([
  [
    'X1, an id that was not given yet',
    'UPDATE producer_counter SET next = 2',
    'UPDATE producer_counter SET next = 3',
    'transactional id y has producer id 2, and the next one to be given is 2',
  ],
  [
    'X1, an epoch',
    "UPDATE txn SET epoch = 40000 WHERE name = 'x'",
    "UPDATE txn SET epoch = 0 WHERE name = 'x'",
    'transactional id x has epoch 40000',
  ],
  [
    'X2, an open transaction that nobody has',
    "UPDATE txn SET producer_id = 9 WHERE name = 'x'",
    "UPDATE txn SET producer_id = 1 WHERE name = 'x'",
    't 0: producer 1 has a transaction open from 0 on, which no transactional id has',
  ],
  [
    'X2, a partition that it does not know of',
    'UPDATE txn_partition SET partition = 2',
    'UPDATE txn_partition SET partition = 1',
    't 0: producer 1 has a transaction open from 0 on, which no transactional id has',
  ],
  [
    'X5, partitions',
    'INSERT INTO txn_partition VALUES (2, 1)',
    'DELETE FROM txn_partition WHERE txn = 2',
    'partitions belong to transaction 2, which is not open',
  ],
  [
    'X5, offsets',
    'UPDATE txn_offset SET txn = 7',
    'UPDATE txn_offset SET txn = 1',
    'offsets belong to transaction 7, which is not open',
  ],
  [
    'X6, a partition',
    'UPDATE txn_offset SET partition = 77',
    'UPDATE txn_offset SET partition = 4',
    'transactions have partition 77, which does not exist',
  ],
  [
    'X6, a group',
    'UPDATE txn_offset SET grp = 66',
    'UPDATE txn_offset SET grp = 1',
    'a transaction has offsets of group 66, which does not exist',
  ],
  [
    'a state',
    "UPDATE txn SET state = 'Odd' WHERE name = 'y'",
    "UPDATE txn SET state = 'CompleteCommit' WHERE name = 'y'",
    'transactional id y is Odd, and has not begun',
  ],
  [
    'a beginning',
    "UPDATE txn SET started = NULL WHERE name = 'x'",
    "UPDATE txn SET started = 1 WHERE name = 'x'",
    'transactional id x is Ongoing, and has not begun',
  ],
  [
    'an end that never comes',
    "UPDATE txn SET timeout = NULL WHERE name = 'x'",
    "UPDATE txn SET timeout = 1000 WHERE name = 'x'",
    'transactional id x has neither a process nor a timeout',
  ],
  [
    'a process that is none',
    "UPDATE txn SET process = '{' WHERE name = 'y'",
    `UPDATE txn SET process = '{"pid":1,"started":"1","namespace":"here"}' WHERE name = 'y'`,
    'transactional id y has neither a process nor a timeout',
  ],
])('beck check holds transactions to their invariants: %s', (_, harm, remedy, sentence) => {
  expect(damaged(harm, remedy)).toContain(sentence);
});
