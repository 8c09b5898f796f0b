import { expect, it, onTestFinished } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { CommitWatch } from '../../src/broker/commit-watch.ts';
import { append, openTestBroker } from '../support/test-broker.ts';

function watched() {
  const broker = openTestBroker();
  broker.createTopics([{ name: 't', partitions: 2 }]);
  const watch = new CommitWatch(broker);
  onTestFinished(() => watch.stop());
  const [first, second] = broker.topic('t').partitions.map(({ id }) => id) as [number, number];
  return { broker, watch, first, second };
}

it('B2: an own append wakes those who wait for its partition, and those who wait for anything', async () => {
  const { broker, watch, first, second } = watched();
  const [one, other, any] = [watch.park([first], 60_000), watch.park([second], 60_000), watch.park(null, 60_000)];
  append(broker, 't', 0, [{ value: 'x' }]);
  expect(await Promise.all([one.woken, any.woken])).toEqual(['commit', 'commit']);
  other.release();
  expect(await other.woken).toBe('released');
});

it('a commit of another process wakes as well, and none is missed between a read and the waiting', async () => {
  const { broker, watch, first } = watched();
  const other = Broker.open(broker.dir, 'existing');
  onTestFinished(() => other.close());
  for (let i = 0; i < 20; i++) {
    const parked = watch.park([first], 60_000);
    append(other, 't', 0, [{ value: 'x' }]);
    expect(await parked.woken).toBe('commit');
  }
});

it('a change of topics wakes everybody', async () => {
  const { broker, watch, second } = watched();
  const parked = watch.park([second], 60_000);
  broker.createTopics([{ name: 'new' }]);
  expect(await parked.woken).toBe('commit');
});

it('the time that is up ends the waiting; what has ended is not ended again', async () => {
  const { watch, first } = watched();
  const parked = watch.park([first], 1);
  expect(await parked.woken).toBe('time');
  parked.release();
  expect(await parked.woken).toBe('time');
});
