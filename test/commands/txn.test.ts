import { describe, expect, it } from 'vitest';
import { thisProcess } from '../../src/broker/peers.ts';
import { EmbeddedCluster } from '../../src/client/embedded/cluster.ts';
import { beck, type Surroundings } from '../cli/memory-io.ts';
import { DEAD, Mortal } from '../support/mortal.ts';
import { openTransaction, writeInto } from '../support/open-transaction.ts';
import { tempDir } from '../support/temp-dir.ts';
import { append, openTestBroker, TestClock } from '../support/test-broker.ts';

/** `orders` (2 partitions) and `users`, with a record each; nobody has anything open. Commands see the time as the broker does. */
class Shop {
  readonly dir = tempDir();
  readonly clock = new TestClock();
  readonly broker = openTestBroker({ dir: this.dir, clock: this.clock });

  constructor() {
    this.clock.time = Date.now();
    this.broker.createTopics([{ name: 'orders', partitions: 2 }, { name: 'users' }]);
    append(this.broker, 'orders', 0, [{ value: 'a' }]);
    append(this.broker, 'users', 0, [{ value: 'b' }]);
  }

  /** `nightly`, a client's: two records in orders 0, one in users 0, 12 s ago. */
  nightly() {
    const ref = openTransaction(
      this.broker,
      'nightly',
      { topic: 'orders', values: ['x', 'y'] },
      { timeoutMs: 900_000 },
    );
    writeInto(this.broker, ref, { topic: 'users' });
    return ref;
  }

  run(line: string, options: Surroundings = {}): ReturnType<typeof beck> {
    return beck(line.split(' '), { now: this.clock.time + 12_000, dataDir: this.dir, ...options });
  }
}

const HERE = { process: thisProcess() };

describe('txn list', () => {
  it('says where there is none what makes one', async () => {
    const shop = new Shop();
    expect(await shop.run('txn list', { tty: true })).toMatchObject({
      code: 0,
      stderr: 'no transactions; `beck produce TOPIC --txn` makes one while it runs\n',
    });
    expect(await shop.run('txn list --json')).toMatchObject({ code: 0, stdout: '[]\n' });
  });

  it('shows those first that hold most back, with whose they are and since when', async () => {
    const shop = new Shop();
    openTransaction(shop.broker, 'beck-1', { topic: 'orders', partition: 1 }, HERE);
    shop.nightly();
    shop.broker.transactions.init({ transactionalId: 'a-quiet-one', timeoutMs: 1000 });
    const { stdout } = await shop.run('txn list', { tty: true });
    expect(stdout.replaceAll(/ +/g, ' ').replace(`${process.pid}`, '4712')).toBe(
      `TRANSACTION STATE SINCE OWNER PARTITIONS HELD BACK
nightly Ongoing 12 s a client 2 3
beck-1 Ongoing 12 s process 4712 1 1
a-quiet-one Empty – a client 0 0
`,
    );
    const [first, second, third] = JSON.parse((await shop.run('txn list --json')).stdout);
    const since = shop.clock.time;
    expect([first, third]).toEqual([
      { transaction: 'nightly', state: 'Ongoing', since, owner: null, partitions: 2, heldBack: 3 },
      { transaction: 'a-quiet-one', state: 'Empty', since: null, owner: null, partitions: 0, heldBack: 0 },
    ]);
    expect(second).toMatchObject({ owner: { pid: process.pid, here: true } });
  });

  it('ends those of dead processes first, and lets those live whose processes cannot be seen', async () => {
    const shop = new Shop();
    openTransaction(shop.broker, 'dead', { topic: 'orders' }, { process: DEAD });
    openTransaction(
      shop.broker,
      'far',
      { topic: 'users' },
      { process: { pid: 7, started: '1', namespace: 'elsewhere' } },
    );
    const { stdout } = await shop.run('txn list');
    expect(stdout).toBe(
      'TRANSACTION\tSTATE\tSINCE\tOWNER\tPARTITIONS\tHELD BACK\nfar\tOngoing\t12 s\tprocess 7 elsewhere\t1\t1\n',
    );
  });
});

describe('txn describe', () => {
  it('shows what is open where, and how to end it', async () => {
    const shop = new Shop();
    shop.nightly();
    append(shop.broker, 'users', 0, [{ value: 'later' }]);
    const { stdout } = await shop.run('txn describe nightly', { tty: true });
    expect(stdout).toBe(
      `nightly: Ongoing for 12 s, 2 partitions, 4 offsets held back
a client, producer id 1, epoch 0; aborted after 15 min by itself

TOPIC   PARTITION  FIRST  END  HELD BACK
orders          0      1    3          2
users           0      1    3          2

\`beck txn abort nightly\` ends it; nothing of it will be seen
`,
    );
  });

  it('shows the offsets that wait for its end', async () => {
    const shop = new Shop();
    const ref = shop.nightly();
    const id = shop.broker.topic('orders').partitions[0]?.id as number;
    shop.broker.transactions.commitOffsets(ref, 'billing', null, [{ id, offset: 1 }]);
    const { stdout } = await shop.run('txn describe nightly', { tty: true });
    expect(stdout).toContain('\nGROUP    TOPIC   PARTITION  OFFSET\nbilling  orders          0       1\n');
    const [document] = JSON.parse((await shop.run('txn describe nightly --json')).stdout);
    expect(document).toEqual({
      transaction: 'nightly',
      state: 'Ongoing',
      since: shop.clock.time,
      owner: null,
      partitions: 2,
      heldBack: 3,
      producerId: 1,
      epoch: 0,
      changed: shop.clock.time,
      timeout: 900_000,
      partitionList: [
        { topic: 'orders', partition: 0, first: 1, end: 3, heldBack: 2 },
        { topic: 'users', partition: 0, first: 1, end: 2, heldBack: 1 },
      ],
      offsets: [{ group: 'billing', topic: 'orders', partition: 0, offset: 1 }],
    });
  });

  it('says of a process that it lives as long as that, and of one that is over that nothing is open', async () => {
    const shop = new Shop();
    const mortal = new Mortal();
    openTransaction(shop.broker, 'beck-1', { topic: 'orders' }, { process: mortal.id });
    const { pid } = mortal.id;
    const { stdout } = await shop.run('txn describe beck-1');
    expect(stdout).toContain(`process ${pid}, producer id 1, epoch 0; lives as long as its process\n`);
    expect(stdout).toContain(`\n\`kill ${pid}\` or \`beck txn abort beck-1\` ends it`);
    shop.broker.transactions.end(shop.nightly(), true);
    expect((await shop.run('txn describe nightly')).stdout).toBe(
      `nightly: CompleteCommit since 12 s, nothing is open
a client, producer id 2, epoch 0; aborted after 15 min by itself
`,
    );
  });

  it('takes several names, each once, or all; a choice is offered on a terminal', async () => {
    const shop = new Shop();
    for (const name of ['c', 'a', 'b']) shop.broker.transactions.init({ transactionalId: name, timeoutMs: 1000 });
    const names = async (line: string) =>
      JSON.parse((await shop.run(line)).stdout).map(({ transaction }: { transaction: string }) => transaction);
    expect(await names('txn describe c a c --json')).toEqual(['c', 'a']);
    expect(await names('txn describe --all --json')).toEqual(['a', 'b', 'c']);
    const { asked, stdout } = await shop.run('txn describe', { tty: true, answers: ['b'] });
    expect([asked, stdout.split(':')[0]]).toEqual([['Which transaction?'], 'b']);
  });

  it.each([
    ['txn describe', 2, 'TRANSACTION is missing'],
    ['txn describe --all nightly', 2, '--all and names of transactions exclude each other'],
    ['txn describe nigthly', 3, "did you mean 'nightly'?"],
    ['txn describe nightly nobody', 3, "there is no transactional id 'nobody'"],
    ['txn abort nigthly --yes', 3, "did you mean 'nightly'?"],
    ['txn abort nightly quiet --yes', 4, 'quiet: it has no open transaction'],
    ['txn abort quiet --dry-run', 4, 'quiet: it has no open transaction'],
    ['txn abort nightly', 2, '--yes says that you mean it'],
  ])('%s exits %d', async (line, code, sentence) => {
    const shop = new Shop();
    shop.nightly();
    shop.broker.transactions.init({ transactionalId: 'quiet', timeoutMs: 1000 });
    expect(await shop.run(line)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(sentence) });
    expect(shop.broker.transactions.describe(['nightly'])).toMatchObject([{ state: 'Ongoing' }]);
  });
});

describe('txn abort', () => {
  it('asks on a terminal, and then nothing of it is seen', async () => {
    const shop = new Shop();
    const ref = shop.nightly();
    const no = await shop.run('txn abort nightly', { tty: true, answers: [false] });
    expect(no).toMatchObject({ code: 1, stderr: 'nothing was changed\n' });
    const yes = await shop.run('txn abort nightly', { tty: true, answers: [true] });
    expect(yes).toMatchObject({ code: 0, stdout: '', stderr: 'nightly aborted: 3 offsets no longer held back\n' });
    expect(yes.asked).toEqual([
      'nightly (a client) has written to 2 partitions. Abort it, so that nothing of it is seen?',
    ]);
    expect((await shop.run('consume orders users -o value')).stdout).toBe('a\nb\n');
    expect(() => shop.broker.transactions.end(ref, true)).toThrow(/^nightly has gone on without this producer/);
  });

  it('takes several, with one question for all', async () => {
    const shop = new Shop();
    shop.nightly();
    openTransaction(shop.broker, 'other', { topic: 'orders', partition: 1 });
    const { asked, code } = await shop.run('txn abort nightly other', { tty: true, answers: [true] });
    expect([code, asked]).toEqual([
      0,
      [
        'nightly (a client) has written to 2 partitions; other (a client) has written to 1 partition. Abort all 2, so that nothing of them is seen?',
      ],
    ]);
    expect(shop.broker.transactions.list()).toMatchObject([{ state: 'CompleteAbort' }, { state: 'CompleteAbort' }]);
  });

  it('shows with --dry-run what would go, and answers in JSON what went', async () => {
    const shop = new Shop();
    shop.nightly();
    expect(await shop.run('txn abort nightly --dry-run', { tty: true })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^TRANSACTION .*\nnightly {6}Ongoing/),
      stderr: 'nothing was changed\n',
    });
    const planned = JSON.parse((await shop.run('txn abort nightly --dry-run --json')).stdout);
    expect(JSON.parse((await shop.run('txn abort nightly --yes --json')).stdout)).toEqual(planned);
    expect(planned).toMatchObject([{ transaction: 'nightly', state: 'Ongoing', heldBack: 3 }]);
  });
});

describe('who holds records back', () => {
  it('a terminal is told at the end of what could be read', async () => {
    const shop = new Shop();
    shop.nightly();
    const { stdout, stderr } = await shop.run('consume orders users', { tty: true });
    expect(stdout).toBe('a\nb\n');
    expect(stderr).toBe(
      `orders, users from start
3 offsets of orders 0, users 0 are held back by nightly (a client, open for 12 s)
\`beck txn describe nightly\` says how to end it; --isolation read_uncommitted shows them
2 records, the end; -f follows
`,
    );
  });

  it.each(['consume orders --until 1', 'consume orders -p 1', 'consume orders --isolation read_uncommitted'])(
    'is not told of where it is no reason for anything: %s',
    async (line) => {
      const shop = new Shop();
      shop.nightly();
      expect((await shop.run(line, { tty: true })).stderr).not.toContain('held back');
    },
  );

  it('is told a member of a group as well', async () => {
    const shop = new Shop();
    shop.nightly();
    const { stderr } = await shop.run('consume orders -g billing', { tty: true });
    expect(stderr).toContain('\n2 offsets of orders 0 are held back by nightly (a client, open for 12 s)\n');
  });

  it('topic describe says it, under the partitions', async () => {
    const shop = new Shop();
    shop.nightly();
    const { stdout } = await shop.run('topic describe orders', { tty: true });
    expect(stdout).toMatch(
      /\n\n2 offsets of orders 0 are held back by nightly \(a client, open for 12 s\)\n`beck txn desc/,
    );
    const [orders] = JSON.parse((await shop.run('topic describe orders --json')).stdout);
    expect(orders.partitionList[0]).toMatchObject({ end: 3, lastStable: 1 });
  });

  it('a producer that is aborted by somebody else says so, and that nothing was written', async () => {
    const shop = new Shop();
    const cluster = new EmbeddedCluster(shop.broker);
    const producer = await cluster.produceTransactionally({ topic: 'orders', codec: 'none' });
    producer.record({ key: null, value: Buffer.from('x'), headers: [] }, 1);
    await producer.flush();
    await shop.run(`txn abort ${producer.transactionalId} --yes`);
    await expect(producer.commit()).rejects.toMatchObject({ code: 'PRODUCER_FENCED' });
    await producer.close();
    expect(shop.broker.transactions.list()).toEqual([]);
  });
});
