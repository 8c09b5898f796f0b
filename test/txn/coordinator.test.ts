import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { thisProcess } from '../../src/broker/peers.ts';
import { noMount, readOnlyView } from '../failure/small-disk.ts';
import { tempDir } from '../support/temp-dir.ts';
import { openTestBroker } from '../support/test-broker.ts';
import { give, refOf, refused, sealed, seen } from './txn-scene.ts';

const own = { timeoutMs: null, process: thisProcess() };

it('what a process writes into many partitions is seen when it commits, all of it', () => {
  const broker = openTestBroker();
  broker.createTopics([{ name: 't', partitions: 2 }]);
  const me = refOf('x', broker.transactions.init({ transactionalId: 'x', ...own }));
  give(broker, sealed(me, ['a', 'b']));
  give(broker, sealed(me, ['c']), { partition: 1 });
  expect([seen(broker), seen(broker, 1)]).toEqual([['…'], ['…']]);
  expect(broker.transactions.sweep()).toBe(0);
  broker.transactions.end(me, true);
  expect([seen(broker), seen(broker, 1)]).toEqual([['a', 'b'], ['c']]);
  broker.transactions.forget(me);
  expect(broker.transactions.list()).toEqual([]);
});

it('what a process left open that has ended is aborted by whoever comes next', () => {
  const broker = openTestBroker();
  broker.createTopics([{ name: 't', partitions: 2 }]);
  const gone = { ...thisProcess(), pid: spawnSync(process.execPath, ['-e', '']).pid };
  const dead = refOf('x', broker.transactions.init({ transactionalId: 'x', timeoutMs: null, process: gone }));
  give(broker, sealed(dead, ['a']));
  const me = refOf('y', broker.transactions.init({ transactionalId: 'y', ...own }));
  give(broker, sealed(me, ['b']));
  expect(broker.transactions.sweep()).toBe(1);
  broker.transactions.end(me, true);
  expect(seen(broker)).toEqual(['b']);
  expect(broker.transactions.list().map(({ transactionalId }) => transactionalId)).toEqual(['y']);
});

it.runIf(noMount === undefined)('in a folder that cannot be written nothing is ended, and nobody fails', () => {
  const dir = tempDir();
  const broker = openTestBroker({ dir });
  broker.createTopics([{ name: 't' }]);
  const gone = { ...thisProcess(), pid: 2 ** 22 + 1 };
  const dead = refOf('x', broker.transactions.init({ transactionalId: 'x', timeoutMs: null, process: gone }));
  give(broker, sealed(dead, ['a']));
  const view = Broker.open(readOnlyView(dir), 'read');
  expect(view.transactions.sweep()).toBe(0);
  expect(view.transactions.list()).toMatchObject([{ transactionalId: 'x', state: 'Ongoing' }]);
  view.close();
  expect(broker.transactions.sweep()).toBe(1);
});

it('where there is no data directory there are no transactions', () => {
  const broker = Broker.open(join(tempDir(), 'nothing'), 'existing');
  expect([broker.transactions.sweep(), broker.transactions.list()]).toEqual([0, []]);
  broker.close();
});

it('who was fenced, comes late or does not exist is told so by name', () => {
  const broker = openTestBroker();
  const { transactions } = broker;
  broker.createTopics([{ name: 't' }]);
  const client = { timeoutMs: 1000 };
  const old = refOf('x', transactions.init({ transactionalId: 'x', ...client }));
  expect(give(broker, sealed(old, ['a']), { origin: 'client' })).toBe('INVALID_TXN_STATE');
  const me = refOf('x', transactions.init({ transactionalId: 'x', ...client }));
  expect(give(broker, sealed(old, ['a']))).toBe('INVALID_PRODUCER_EPOCH');
  expect(give(broker, sealed({ producerId: 99, epoch: 0 }, ['a']))).toBe('INVALID_PRODUCER_ID_MAPPING');
  expect(refused(() => transactions.end(old, true))).toBe('PRODUCER_FENCED');
  expect(refused(() => transactions.init({ transactionalId: 'y', timeoutMs: 0 }))).toBe('INVALID_TRANSACTION_TIMEOUT');
  expect(refused(() => transactions.abort('z'))).toBe('TRANSACTIONAL_ID_NOT_FOUND');
  transactions.addPartitions(me, [broker.topic('t').partitions[0]?.id ?? -1]);
  expect(give(broker, sealed(me, ['a']), { origin: 'client' })).toMatchObject({ baseOffset: 0 });
  expect(give(broker, sealed(me, ['c'], { sequence: 2 }), { origin: 'client' })).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
  transactions.end(me, false);
  expect(seen(broker)).toEqual([]);
});
