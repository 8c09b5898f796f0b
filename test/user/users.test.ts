import { describe, expect, it } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { salvageSteps, snapshotSteps } from '../../src/broker/copy-out.ts';
import { wholeCheck } from '../../src/broker/whole-check.ts';
import type { BrokerError } from '../../src/errors.ts';
import { ITERATIONS, MECHANISM_NAMES, type MechanismName } from '../../src/user/mechanism.ts';
import { tempDir } from '../support/temp-dir.ts';
import { openTestBroker } from '../support/test-broker.ts';

const alice = { name: 'alice', password: 'pencil', mechanisms: MECHANISM_NAMES, iterations: ITERATIONS.least };

function salted(mechanism: MechanismName, iterations: number = ITERATIONS.least) {
  const saltedPassword = Buffer.alloc(mechanism === 'SCRAM-SHA-256' ? 32 : 64, 7);
  return { mechanism, iterations, salt: Buffer.from('salt'), saltedPassword };
}

/** Runs a piece of long work to its end. */
function finish<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value as T;
  }
}

describe('users', () => {
  it('a password is right for its user alone, as long as it is the last one', async () => {
    const { users } = openTestBroker();
    expect(await users.set(alice)).toBe(true);
    expect(await users.isPassword('alice', 'pencil')).toBe(true);
    expect(await users.isPassword('alice', 'pencils')).toBe(false);
    expect(await users.isPassword('bob', 'pencil')).toBe(false);
    expect(await users.set({ ...alice, password: 'new', mechanisms: ['SCRAM-SHA-512'] })).toBe(false);
    expect(await users.isPassword('alice', 'pencil')).toBe(false);
    expect(await users.isPassword('alice', 'new')).toBe(true);
    expect(users.list().map(({ name, credentials }) => [name, credentials.map((each) => each.mechanism)])).toEqual([
      ['alice', ['SCRAM-SHA-512']],
    ]);
  });

  it('U1: the file has no password in it, and two users of one password share nothing', async () => {
    const { users } = openTestBroker();
    await users.set(alice);
    await users.set({ ...alice, name: 'bob' });
    const secrets = users
      .list()
      .flatMap(({ credentials }) => credentials.flatMap((c) => [c.salt, c.storedKey, c.serverKey]));
    expect(new Set(secrets.map(String)).size).toBe(12);
    expect(JSON.stringify(secrets)).not.toContain(JSON.stringify(Buffer.from('pencil').toJSON().data).slice(1, -1));
  });

  it('U3: who does not exist has a credential that is always the same, and nobody’s', () => {
    const { users } = openTestBroker();
    const [first, again] = [users.credential('bob', 'SCRAM-SHA-512'), users.credential('bob', 'SCRAM-SHA-512')];
    expect(first).toEqual(again);
    expect(first).toMatchObject({ mechanism: 'SCRAM-SHA-512', iterations: 4096 });
    expect(users.credential('carol', 'SCRAM-SHA-512').salt).not.toEqual(first.salt);
  });

  it('changes stand or fall each by itself', () => {
    const { users } = openTestBroker();
    const outcomes = users.alter([
      { user: 'alice', put: salted('SCRAM-SHA-256') },
      { user: 'bob', put: salted('SCRAM-SHA-512', ITERATIONS.least - 1) },
      { user: 'bob', put: salted('SCRAM-SHA-512', ITERATIONS.most + 1) },
      { user: '', put: salted('SCRAM-SHA-512') },
      { user: 'a\0b', put: salted('SCRAM-SHA-512') },
      { user: 'alice', remove: 'SCRAM-SHA-512' },
    ]);
    expect(outcomes.map((refused) => refused?.code)).toEqual([
      undefined,
      'UNACCEPTABLE_CREDENTIAL',
      'UNACCEPTABLE_CREDENTIAL',
      'UNACCEPTABLE_CREDENTIAL',
      'UNACCEPTABLE_CREDENTIAL',
      'RESOURCE_NOT_FOUND',
    ]);
    expect(users.list().map(({ name }) => name)).toEqual(['alice']);
    expect(users.alter([{ user: 'alice', remove: 'SCRAM-SHA-256' }])).toEqual([null]);
    expect(users.list()).toEqual([]);
  });

  it('are deleted all or none', async () => {
    const { users } = openTestBroker();
    await users.set(alice);
    const refused = expect.objectContaining({ code: 'RESOURCE_NOT_FOUND', message: "there is no user 'bob'" });
    expect(() => users.delete(['alice', 'bob'])).toThrow(refused as unknown as BrokerError);
    expect(users.list()).toHaveLength(1);
    users.delete(['alice', 'alice']);
    expect(users.list()).toEqual([]);
  });

  it.each(['', 'a\0b'])('a password %j is none', async (password) => {
    const { users } = openTestBroker();
    await expect(users.set({ ...alice, password })).rejects.toMatchObject({ code: 'UNACCEPTABLE_CREDENTIAL' });
  });
});

describe('the table of credentials', () => {
  it('goes into snapshots and salvages', async () => {
    const broker = openTestBroker();
    await broker.users.set(alice);
    for (const steps of [snapshotSteps, salvageSteps]) {
      const { path } = finish<{ path: string }>(steps(broker, `${tempDir()}/copy`));
      const copy = Broker.open(path, 'existing');
      expect(await copy.users.isPassword('alice', 'pencil')).toBe(true);
      copy.close();
    }
  });

  it('a credential that makes no sense is found by a check, and left out of a salvage', async () => {
    const broker = openTestBroker();
    await broker.users.set(alice);
    broker.store.prepare('PRAGMA ignore_check_constraints = 1').run();
    broker.store.write(() =>
      broker.store.prepare("UPDATE user_credential SET iterations = 1 WHERE mechanism = 'SCRAM-SHA-256'").run(),
    );
    broker.store.prepare('PRAGMA ignore_check_constraints = 0').run();
    expect(finish(wholeCheck(broker.store)).problems.map(({ what }) => what)).toEqual([
      'the file: CHECK constraint failed in user_credential',
    ]);
    const { path } = finish<{ path: string }>(salvageSteps(broker, `${tempDir()}/copy`));
    const copy = Broker.open(path, 'existing');
    expect(copy.users.list().map(({ credentials }) => credentials.map(({ mechanism }) => mechanism))).toEqual([
      ['SCRAM-SHA-512'],
    ]);
    copy.close();
    broker.store.write(() => broker.store.prepare('DELETE FROM user_credential').run());
  });
});
