import { expect, it } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { beck, type Surroundings } from '../cli/memory-io.ts';
import { tempDir } from '../support/temp-dir.ts';

class Home {
  readonly dir = tempDir();

  run(line: string, options: Surroundings = {}): ReturnType<typeof beck> {
    return beck(line.split(' '), { dataDir: this.dir, ...options });
  }

  async isPassword(user: string, password: string): Promise<boolean> {
    const broker = Broker.open(this.dir, 'read');
    try {
      return await broker.users.isPassword(user, password);
    } finally {
      broker.close();
    }
  }
}

it('user add takes the password from one line of stdin, and silently', async () => {
  const home = new Home();
  expect(await home.run('user add alice', { stdin: 'pencil\n' })).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
    asked: [],
  });
  expect(await home.isPassword('alice', 'pencil')).toBe(true);
  const { stdout } = await home.run('user add alice --mechanism SCRAM-SHA-512 --iterations 8192 --json', {
    stdin: 'q',
  });
  expect(JSON.parse(stdout)).toEqual({
    user: 'alice',
    credentials: [{ mechanism: 'SCRAM-SHA-512', iterations: 8192 }],
  });
  expect([await home.isPassword('alice', 'pencil'), await home.isPassword('alice', 'q')]).toEqual([false, true]);
});

it('user add asks for it twice on a terminal', async () => {
  const home = new Home();
  const added = await home.run('user add alice', { tty: true, answers: ['pencil', 'pencil'] });
  expect(added).toMatchObject({
    code: 0,
    stderr: 'alice was added: SCRAM-SHA-256, SCRAM-SHA-512\n',
    asked: ['Password of alice', 'Once more'],
  });
  const changed = await home.run('user add alice', { tty: true, answers: ['new', 'new'] });
  expect(changed.stderr).toBe('alice has another password now: SCRAM-SHA-256, SCRAM-SHA-512\n');
  const slipped = await home.run('user add alice', { tty: true, answers: ['one', 'two'] });
  expect(slipped).toMatchObject({ code: 2, stderr: expect.stringContaining('that was another password (USAGE)') });
  expect(await home.isPassword('alice', 'new')).toBe(true);
});

it.each([
  ['a\nb\n', 'the password is one line, and here are more'],
  [Buffer.from([0xff, 0x0a]), 'the password is not UTF-8'],
  ['x'.repeat(5000), 'a password has 4096 bytes at most'],
])('user add refuses %.9j on stdin', async (stdin, problem) => {
  const home = new Home();
  const { code, stderr } = await home.run('user add alice', { stdin });
  expect([code, stderr]).toEqual([1, `stdin: ${problem} (INVALID_INPUT)\n`]);
});

it.each(['', '\n'])('user add wants a password: %j', async (stdin) => {
  const { code, stderr } = await new Home().run('user add alice', { stdin });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^there is no password on stdin \(USAGE\)\n/)]);
});

it('a password is never an argument; iterations have Kafka’s bounds; a user has a name', async () => {
  const home = new Home();
  expect((await home.run('user add alice pencil', { stdin: 'x' })).code).toBe(2);
  expect((await home.run('user add alice --iterations 4095', { stdin: 'x' })).code).toBe(2);
  const nameless = await beck(['user', 'add', ''], { dataDir: home.dir, stdin: 'x' });
  expect(nameless).toMatchObject({ code: 2, stderr: 'a user has a name (UNACCEPTABLE_CREDENTIAL)\n' });
});

it('user list shows names and mechanisms, and no secrets', async () => {
  const home = new Home();
  expect(await home.run('user list', { tty: true })).toMatchObject({
    code: 0,
    stderr: 'no users yet; `beck user add NAME` makes one\n',
  });
  await home.run('user add bob --mechanism SCRAM-SHA-256', { stdin: 'x' });
  await home.run('user add alice', { stdin: 'x' });
  expect((await home.run('user list', { tty: true })).stdout.replaceAll(/ +/g, ' ')).toBe(
    'USER MECHANISMS\nalice SCRAM-SHA-256, SCRAM-SHA-512\nbob SCRAM-SHA-256\n',
  );
  expect(JSON.parse((await home.run('user list --json')).stdout)).toEqual([
    {
      user: 'alice',
      credentials: [
        { mechanism: 'SCRAM-SHA-256', iterations: 4096 },
        { mechanism: 'SCRAM-SHA-512', iterations: 4096 },
      ],
    },
    { user: 'bob', credentials: [{ mechanism: 'SCRAM-SHA-256', iterations: 4096 }] },
  ]);
});

it('user delete takes users away, all of them or none', async () => {
  const home = new Home();
  for (const name of ['alice', 'bob']) await home.run(`user add ${name}`, { stdin: 'x' });
  expect(await home.run('user delete alice carol --yes')).toMatchObject({
    code: 3,
    stderr: "there is no user 'carol' (RESOURCE_NOT_FOUND)\n`beck user list` shows them all\n",
  });
  expect((await home.run('user delete alice')).code).toBe(2);
  const asked = await home.run('user delete alice', { tty: true, answers: [true] });
  expect(asked).toMatchObject({ code: 0, asked: ['Delete the user alice?'], stderr: 'alice was deleted\n' });
  expect(JSON.parse((await home.run('user list --json')).stdout)).toHaveLength(1);
});
