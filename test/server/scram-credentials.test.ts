import { pbkdf2Sync } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { describeUserScramCredentials } from '../../src/protocol/messages/50-describe-user-scram-credentials.ts';
import { alterUserScramCredentials } from '../../src/protocol/messages/51-alter-user-scram-credentials.ts';
import type { Client } from '../../src/server/handler.ts';
import { answerDescribeUserScramCredentials } from '../../src/server/handlers/50-describe-user-scram-credentials.ts';
import { answerAlterUserScramCredentials } from '../../src/server/handlers/51-alter-user-scram-credentials.ts';
import { ANONYMOUS } from '../../src/server/security-protocol.ts';
import { mayAdministerUsers } from '../../src/server/user-handler.ts';
import { tempDir } from '../support/temp-dir.ts';
import { TestClient, TestServer } from '../support/test-server.ts';

const SHA_256 = 1;
const SHA_512 = 2;

function upsertion(name: string, mechanism: number, password = 'pencil', iterations = 4096) {
  const salt = Buffer.from('some salt');
  const [hash, bytes] = mechanism === SHA_256 ? ['sha256', 32] : ['sha512', 64];
  return {
    name,
    mechanism,
    iterations,
    salt,
    saltedPassword: pbkdf2Sync(password, salt, iterations, Number(bytes), String(hash)),
  };
}

it('users are made, shown and taken away by Kafka’s requests, and may come in', async () => {
  const server = await TestServer.start();
  const upsertions = [upsertion('alice', SHA_512), upsertion('bob', SHA_256, 'q', 8192)];
  const { results } = await server.ask(alterUserScramCredentials, 0, { deletions: [], upsertions });
  expect(results).toEqual([
    { user: 'alice', errorCode: 0, errorMessage: null },
    { user: 'bob', errorCode: 0, errorMessage: null },
  ]);
  const shown = { errorCode: 0, errorMessage: '' };
  const alice = { user: 'alice', ...shown, credentialInfos: [{ mechanism: SHA_512, iterations: 4096 }] };
  const bob = { user: 'bob', ...shown, credentialInfos: [{ mechanism: SHA_256, iterations: 8192 }] };
  for (const users of [null, []])
    expect(await server.ask(describeUserScramCredentials, 0, { users })).toEqual({
      throttleTimeMs: 0,
      ...shown,
      results: [alice, bob],
    });
  const broker = Broker.open(server.dir, 'read');
  expect([await broker.users.isPassword('alice', 'pencil'), await broker.users.isPassword('bob', 'q')]).toEqual([
    true,
    true,
  ]);
  broker.close();
  const deletions = [{ name: 'alice', mechanism: SHA_512 }];
  await server.ask(alterUserScramCredentials, 0, { deletions, upsertions: [] });
  expect((await server.ask(describeUserScramCredentials, 0, { users: null })).results).toEqual([bob]);
});

it('what is wrong with one of them is said of that one, in Kafka’s words', async () => {
  const server = await TestServer.start();
  const { results } = await server.ask(alterUserScramCredentials, 0, {
    deletions: [
      { name: 'nobody', mechanism: SHA_256 },
      { name: 'twice', mechanism: SHA_256 },
    ],
    upsertions: [
      upsertion('twice', SHA_256),
      upsertion('few', SHA_256, 'x', 4095),
      upsertion('many', SHA_256, 'x', 16_385),
      upsertion('', SHA_256),
      { ...upsertion('strange', SHA_256), mechanism: 3 },
      { ...upsertion('short', SHA_256), mechanism: SHA_512 },
      upsertion('good', SHA_256),
    ],
  });
  expect(results.map(({ user, errorCode }) => [user, errorCode])).toEqual([
    ['nobody', 91],
    ['twice', 92],
    ['few', 93],
    ['many', 93],
    ['', 93],
    ['strange', 33],
    ['short', 93],
    ['good', 0],
  ]);
  const users = ['good', 'nobody', 'good'].map((name) => ({ name }));
  expect((await server.ask(describeUserScramCredentials, 0, { users })).results).toEqual([
    expect.objectContaining({
      user: 'good',
      errorCode: 92,
      errorMessage: 'Cannot describe SCRAM credentials for the same user twice in a single request: good',
    }),
    expect.objectContaining({
      user: 'nobody',
      errorCode: 91,
      errorMessage: 'Attempt to describe a user credential that does not exist: nobody',
    }),
  ]);
});

describe('who may', () => {
  it.runIf(process.platform !== 'win32')('who comes by the Unix socket', async () => {
    const path = join(tempDir(), 's.sock');
    await TestServer.start({ socket: path, listen: [] });
    const client = await TestClient.dial({ path });
    expect((await client.ask(describeUserScramCredentials, 0, { users: null })).errorCode).toBe(0);
  });

  it.each([
    ['', ANONYMOUS, false],
    ['127.0.0.1', ANONYMOUS, true],
    ['::ffff:127.0.0.1', ANONYMOUS, true],
    ['::1', ANONYMOUS, true],
    ['10.0.0.1', ANONYMOUS, false],
    ['::ffff:10.0.0.1', ANONYMOUS, false],
    ['10.0.0.1', 'User:alice', true],
  ])('from %s as %s: %s', (host, principal, may) => {
    expect(mayAdministerUsers({ host, principal, arrival: { node: 1 } } as Client)).toBe(may);
  });

  it('others are told 31', async () => {
    const context = { client: { host: '10.0.0.1', principal: ANONYMOUS, arrival: { node: 1 } } } as never;
    const request = { deletions: [{ name: 'alice', mechanism: SHA_256 }], upsertions: [upsertion('bob', SHA_256)] };
    expect(await answerAlterUserScramCredentials.answer(request, context)).toMatchObject({
      results: [
        { user: 'alice', errorCode: 31 },
        { user: 'bob', errorCode: 31 },
      ],
    });
    expect(await answerDescribeUserScramCredentials.answer({ users: null }, context)).toMatchObject({
      errorCode: 31,
      results: [],
    });
  });
});
