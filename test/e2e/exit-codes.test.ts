/** The exit code tells the truth, the same in text and in JSON, and an error is where a script looks for it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { Beck, it } from '../support/e2e.ts';
import { isBehindSocket } from '../support/worlds.ts';

interface Row {
  readonly args: readonly string[];
  readonly exit: number;
  readonly code: string;
  readonly stdin?: string;
}

const row = (line: string, exit: number, code: string, more: Partial<Row> = {}): Row => ({
  args: line.split(' ').filter(Boolean),
  exit,
  code,
  ...more,
});

/** On a broker that has `orders` with 2 partitions and one record, and `users`, compacted. */
const FAILURES: readonly Row[] = [
  row('topic create', 2, 'USAGE'),
  row('topic create orders', 4, 'TOPIC_ALREADY_EXISTS'),
  row('topic create fresh orders', 4, 'TOPIC_ALREADY_EXISTS'),
  row('topic create b@d', 2, 'INVALID_TOPIC_EXCEPTION'),
  row('topic create ..', 2, 'INVALID_TOPIC_EXCEPTION'),
  row(`topic create ${'x'.repeat(250)}`, 2, 'INVALID_TOPIC_EXCEPTION'),
  row('topic create t -p 0', 2, 'INVALID_PARTITIONS'),
  row('topic create t -p -1', 2, 'INVALID_PARTITIONS'),
  row('topic create t -p many', 2, 'USAGE'),
  row('topic create t -c retention.ms=soon', 2, 'INVALID_CONFIG'),
  row('topic create t -c retention.mss=1', 2, 'INVALID_CONFIG'),
  row('topic create t -c retention.ms', 2, 'USAGE'),
  row('topic create t --nope', 2, 'USAGE'),
  row('topic list (', 2, 'USAGE'),
  row('topic list a b', 2, 'USAGE'),
  row('topic describe', 2, 'USAGE'),
  row('topic describe nope', 3, 'UNKNOWN_TOPIC_OR_PARTITION'),
  row('topic describe orders nope', 3, 'UNKNOWN_TOPIC_OR_PARTITION'),
  row('topic alter', 2, 'USAGE'),
  row('topic alter orders', 2, 'USAGE'),
  row('topic alter nope -p 3', 3, 'UNKNOWN_TOPIC_OR_PARTITION'),
  row('topic alter orders -p 1', 2, 'INVALID_PARTITIONS'),
  row('topic alter orders -c retention.ms=x', 2, 'INVALID_CONFIG'),
  row('topic alter orders --unset nope', 2, 'INVALID_CONFIG'),
  row('topic delete', 2, 'USAGE'),
  row('topic delete orders', 2, 'USAGE'),
  row('topic delete nope --yes', 3, 'UNKNOWN_TOPIC_OR_PARTITION'),
  row('topic delete orders nope --yes', 3, 'UNKNOWN_TOPIC_OR_PARTITION'),
  row('topic delete nope --dry-run', 3, 'UNKNOWN_TOPIC_OR_PARTITION'),
  row('topic delete --regex nope.* --yes', 3, 'UNKNOWN_TOPIC_OR_PARTITION'),
  row('topic delete --regex ( --yes', 2, 'USAGE'),
  row('topic trim orders', 2, 'USAGE'),
  row('topic trim orders --before end', 2, 'USAGE'),
  row('topic trim orders --before soon --yes', 2, 'USAGE'),
  row('topic trim nope --before end --yes', 3, 'UNKNOWN_TOPIC_OR_PARTITION'),
  row('topic trim orders --before end -p 7 --yes', 3, 'UNKNOWN_PARTITION'),
  row('status extra', 2, 'USAGE'),
  row('status --data-dir foreign', 5, 'STORAGE_FOREIGN'),
  row('topic list --data-dir foreign', 5, 'STORAGE_FOREIGN'),
  row('topic create t --data-dir foreign', 5, 'STORAGE_FOREIGN'),
  row('topic create t --data-dir a-file', 5, 'STORAGE_FAILED'),
  row('topic create t --data-dir a-file/data', 5, 'STORAGE_FAILED'),
  row('status --data-dir newer', 5, 'STORAGE_NEWER'),
  row('topic create t --data-dir newer', 5, 'STORAGE_NEWER'),
  row('status --data-dir cut-off', 5, 'STORAGE_CORRUPT'),
  row('topic create t --data-dir cut-off', 5, 'STORAGE_CORRUPT'),
  row('retention run nope', 3, 'UNKNOWN_TOPIC_OR_PARTITION'),
  row('retention run --now soon', 2, 'USAGE'),
  row('retention run --now @-1h', 2, 'USAGE'),
  row('retention run --data-dir foreign', 5, 'STORAGE_FOREIGN'),
  row('check extra', 2, 'USAGE'),
  row('check --salvage', 2, 'USAGE'),
  row('check --salvage full', 4, 'TARGET_EXISTS'),
  row('check --data-dir foreign', 5, 'STORAGE_FOREIGN'),
  row('check --data-dir cut-off', 5, 'STORAGE_CORRUPT'),
  row('snapshot', 2, 'USAGE'),
  row('snapshot a b', 2, 'USAGE'),
  row('snapshot full', 4, 'TARGET_EXISTS'),
  row('snapshot copy --data-dir foreign', 5, 'STORAGE_FOREIGN'),
  row('log dump', 2, 'USAGE'),
  row('log dump nope', 3, 'UNKNOWN_TOPIC_OR_PARTITION'),
  row('log dump orders -p 7', 3, 'UNKNOWN_PARTITION'),
  row('log dump orders --from soon', 2, 'USAGE'),
  row('init --data-dir x', 2, 'USAGE'),
  row('completion', 2, 'USAGE'),
  row('completion csh', 2, 'USAGE'),
];

/** Of commands whose stdout is records: their JSON errors go to stderr. */
const RECORD_FAILURES: readonly Row[] = [
  row('produce', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce nope', 3, 'UNKNOWN_TOPIC_OR_PARTITION', { stdin: 'x\n' }),
  row('produce b@d --create', 2, 'INVALID_TOPIC_EXCEPTION', { stdin: 'x\n' }),
  row('produce orders no-file', 3, 'INPUT_UNREADABLE'),
  row('produce orders -p 7', 3, 'UNKNOWN_PARTITION', { stdin: 'x\n' }),
  row('produce orders -p -1', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders -i nope', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders -o nope', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders -o json', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders -o json --create', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders --acks 0 -o jsonl', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders a-file --tombstone -k a', 2, 'USAGE'),
  row('produce orders -k a -k b', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders -z rar', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders --acks 2', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders -k a -K b', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders -k a -i jsonl', 2, 'USAGE', { stdin: '{"value":"x"}\n' }),
  row('produce orders -H a=b -i %v\\n', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders --whole -K :', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders --whole -D :', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders -0 -D :', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders --timestamp soon', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders --timestamp 1969-12-31T23:59:59Z', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders --skip -1', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders --nope', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders -K :', 1, 'INVALID_INPUT', { stdin: 'no delimiter here\n' }),
  row('produce orders -i jsonl', 1, 'INVALID_INPUT', { stdin: '{"value":1}\n' }),
  row('produce orders -i jsonl', 1, 'INVALID_INPUT', { stdin: '{"vaule":"a"}\n' }),
  row('produce orders -i jsonl', 1, 'INVALID_INPUT', { stdin: '{"key":"a"}\n' }),
  row('produce orders -i jsonl', 1, 'UNKNOWN_PARTITION', { stdin: '{"value":"a","partition":7}\n' }),
  row('produce orders -i %t_%v\\n', 2, 'USAGE', { stdin: 'orders_x\n' }),
  row('produce -i %t_%v\\n', 1, 'UNKNOWN_TOPIC_OR_PARTITION', { stdin: 'nope_x\n' }),
  row('produce -i %t_%v\\n --create', 1, 'INVALID_TOPIC_EXCEPTION', { stdin: 'b@d_x\n' }),
  row('produce -i %t_%v\\n -p 7', 1, 'UNKNOWN_PARTITION', { stdin: 'orders_x\n' }),
  row('produce -i jsonl', 2, 'USAGE', { stdin: '{"topic":"orders","value":"x"}\n' }),
  row('produce users', 1, 'INVALID_RECORD', { stdin: 'x\n' }),
  row('produce tiny', 1, 'MESSAGE_TOO_LARGE', { stdin: 'x'.repeat(200) }),
  row('produce orders --timestamp 3000-01-01', 1, 'INVALID_TIMESTAMP', { stdin: 'x\n' }),
  row('produce orders -i jsonl', 1, 'INVALID_TIMESTAMP', { stdin: '{"value":"a","timestamp":-1}\n' }),
  row('produce orders --data-dir foreign', 5, 'STORAGE_FOREIGN', { stdin: 'x\n' }),
  row('consume', 2, 'USAGE'),
  row('consume nope', 3, 'UNKNOWN_TOPIC_OR_PARTITION'),
  row('consume orders nope', 3, 'UNKNOWN_TOPIC_OR_PARTITION'),
  row('consume nope -f', 3, 'UNKNOWN_TOPIC_OR_PARTITION'),
  row('consume -r nope.*', 3, 'UNKNOWN_TOPIC_OR_PARTITION'),
  row('consume -r (', 2, 'USAGE'),
  row('consume orders -p 7', 3, 'UNKNOWN_PARTITION'),
  row('consume orders -p -1', 2, 'USAGE'),
  row('consume orders --from soon', 2, 'USAGE'),
  row('consume orders --until soon', 2, 'USAGE'),
  row('consume orders -n -1', 2, 'USAGE'),
  row('consume orders -n x', 2, 'USAGE'),
  row('consume orders --tail 1 --from 0', 2, 'USAGE'),
  row('consume orders -o nope', 2, 'USAGE'),
  row('consume orders -o %q', 2, 'USAGE'),
  row('consume orders -f -o json', 2, 'USAGE'),
  row('consume orders --grep (', 2, 'USAGE'),
  row('consume orders --timeout soon', 2, 'USAGE'),
  row('consume orders --isolation dirty', 2, 'USAGE'),
  row('consume orders -D a -0', 2, 'USAGE'),
  row('consume orders --nope', 2, 'USAGE'),
  row('consume orders --data-dir foreign', 5, 'STORAGE_FOREIGN'),
];

/** Everything that the tables want, made once and copied: files at rest can be. */
const prepared = new Beck();
beforeAll(() => make(prepared));
afterAll(() => prepared.leave());

async function prepare(beck: Beck): Promise<void> {
  await beck.furnish(prepared.folder);
}

async function make(beck: Beck): Promise<void> {
  await beck.create('orders', '-p', '2');
  await beck.produce('orders', 'one\n');
  await beck.create('users', '-c', 'cleanup.policy=compact');
  await beck.create('tiny', '-c', 'max.message.bytes=100');
  mkdirSync(join(beck.folder, 'foreign'));
  writeFileSync(join(beck.folder, 'foreign/beck.db'), 'hello world, this is somebody else’s file'.repeat(100));
  writeFileSync(join(beck.folder, 'a-file'), '');
  mkdirSync(join(beck.folder, 'full'));
  writeFileSync(join(beck.folder, 'full/something'), '');
  await spoilt(beck, 'newer', (file) => file.writeUInt32BE(99, 60));
  await spoilt(beck, 'cut-off', (file) => file.subarray(0, 50));
}

/** A data directory whose file is not as it was. */
async function spoilt(beck: Beck, dir: string, spoil: (file: Buffer) => Buffer | number): Promise<void> {
  await beck.ok(['topic', 'create', 'x', '--data-dir', dir]);
  const path = join(beck.folder, dir, 'beck.db');
  const file = readFileSync(path);
  const spoiled = spoil(file);
  writeFileSync(path, typeof spoiled === 'number' ? file : spoiled);
}

const name = ({ args, stdin }: Row): string =>
  `${args.join(' ').slice(0, 60)}${stdin === undefined ? '' : ` < ${JSON.stringify(stdin.slice(0, 30))}`}`;

/** Text goes to stderr, an error in JSON where this kind of command has its errors; the other one stays empty. */
describe.concurrent.each([
  ['commands that print one document', FAILURES, 'stdout', 'stderr'],
  ['commands whose stdout is records', RECORD_FAILURES, 'stderr', 'stdout'],
] as const)('%s', (_, rows, told, silent) => {
  it.for(rows.map((each) => [name(each), each] as const))(
    '%s',
    async ([, { args, exit, code, ...options }], { beck }) => {
      await prepare(beck);
      const text = await beck.run(args, options);
      expect([text.code, text.stdout]).toEqual([exit, '']);
      expect(text.stderr).toContain(`(${code})`);
      const json = await beck.run([...args, '--json'], options);
      expect([json.code, json[silent]]).toEqual([exit, '']);
      expectError(json[told], exit, code, text.stderr);
    },
  );
});

describe.concurrent('an answer', () => {
  const ANSWERS = [
    'topic create t',
    'topic list',
    'topic list none.*',
    'topic describe orders',
    'topic describe orders --all',
    'topic alter orders -p 3',
    'topic delete users --yes',
    'topic delete users --dry-run',
    'topic trim orders --before end --yes',
    'topic trim orders --before end --dry-run',
    'status',
    'retention run',
    'retention run --dry-run',
    'check',
    'snapshot copy',
    'log dump orders',
    'init project',
  ];

  it.for(ANSWERS.flatMap((line) => [line, `${line} --json`]))('to %s', async (line, { beck }) => {
    await prepare(beck);
    const options = line.startsWith('init') ? { env: { BECK_DATA_DIR: undefined, BECK_BROKER: undefined } } : {};
    const { stdout, stderr } = await beck.ok(line.split(' '), options);
    expect(stderr, 'nothing is said on stderr').toBe('');
    if (!line.endsWith('--json')) {
      expect(stdout === '' || stdout.endsWith('\n'), 'silence or a page').toBe(true);
      expect(stdout).not.toContain('\x1b');
      return;
    }
    expect(typeof JSON.parse(stdout)).toBe('object');
    expect(stdout.indexOf('\n'), 'one document, and nothing else').toBe(stdout.length - 1);
  });
});

describe.concurrent('words that are no command', () => {
  const CASES: readonly (readonly [line: string, suggestion: string | null])[] = [
    ['consme orders', 'consume'],
    ['topic craete x', 'topic create'],
    ['topci list', 'topic list'],
    ['topics', 'topic'],
    ['xyzzy', null],
    ['--nope', null],
  ];

  it.for(CASES)('%s', async ([line, suggestion], { beck }) => {
    for (const flags of [[], ['--json']]) {
      const { code, stdout, stderr } = await beck.run([...line.split(' '), ...flags]);
      expect(code).toBe(2);
      if (suggestion !== null)
        expect(`${stdout}${stderr}`).toMatch(new RegExp(`did you mean .(beck )?${suggestion}.\\?`));
      if (flags.length === 0) expect(stdout).toBe('');
    }
  });

  it.for([
    ['consume t --form 3', '--from'],
    ['produce t --timestmap 3', '--timestamp'],
    ['topic create t --partition 3', '--partitions'],
  ] as const)('%s', async ([line, flag], { beck }) => {
    const { code, stderr } = await beck.run(line.split(' '));
    expect([code, stderr]).toEqual([2, expect.stringContaining(`did you mean '${flag}'?`)]);
  });
});

describe.concurrent('a data directory that is a file', () => {
  const COMMANDS = [
    'status',
    'topic create t',
    'topic list',
    'topic describe t',
    'topic alter t -p 2',
    'topic delete t --yes',
    'topic trim t --before end --yes',
    'produce t',
    'produce t --create',
    'consume t',
    'consume t -f',
    'retention run',
    'check',
    'snapshot copy',
    'log dump t',
  ];

  it.for(['a-file', 'a-file/data'])('(%s) is one error, whichever command comes upon it', async (dir, { beck }) => {
    writeFileSync(join(beck.folder, 'a-file'), '');
    const said = `${join(beck.folder, 'a-file')}: it is a file, not a folder (STORAGE_FAILED)\n--data-dir names another folder\n`;
    for (const line of COMMANDS) {
      const { code, stderr } = await beck.run([...line.split(' '), '--data-dir', dir], { stdin: 'a\n' });
      expect([line, code, stderr]).toEqual([line, 5, said]);
    }
  });
});

describe.concurrent('a failure', () => {
  it('changes nothing: none of several topics is made or removed', async ({ beck }) => {
    await prepare(beck);
    await beck.run(['topic', 'create', 'fresh', 'orders']);
    await beck.run(['topic', 'delete', 'users', 'nope', '--yes']);
    const topics = JSON.parse((await beck.ok(['topic', 'list', '--json'])).stdout) as { topic: string }[];
    expect(topics.map(({ topic }) => topic)).toEqual(['orders', 'tiny', 'users']);
  });

  it.for(['foreign', 'newer', 'cut-off'])(
    'because the file is %s leaves it as it was, and nothing beside it',
    async (dir, { beck }) => {
      await prepare(beck);
      const path = join(beck.folder, dir);
      const state = (): unknown =>
        readdirSync(path).map((file) => [file, readFileSync(join(path, file)).toString('base64')]);
      const before = state();
      for (const line of [
        'status',
        'topic list',
        'topic create t',
        'topic delete x --yes',
        'consume x',
        'produce x',
        'produce x --create',
        'retention run',
        'check',
        'snapshot copy',
      ]) {
        const { code } = await beck.run([...line.split(' '), '--data-dir', dir], { stdin: 'a\n' });
        expect([line, code]).toEqual([line, 5]);
        expect([line, state()]).toEqual([line, before]);
      }
    },
  );

  it.skipIf(isBehindSocket())('of a reader creates nothing', async ({ beck }) => {
    for (const line of [
      'consume t',
      'produce t',
      'topic list',
      'topic describe t',
      'status',
      'topic delete t --yes --dry-run',
      '--help',
      'consume --help',
    ]) {
      await beck.run(line.split(' '), { stdin: 'x\n' });
      expect([line, existsSync(beck.dir)]).toEqual([line, false]);
    }
  });
});

function expectError(document: string, exit: number, code: string, text: string): void {
  const lines = document.trim().split('\n');
  const { error } = JSON.parse(lines[0] ?? '') as {
    error: { code: string; message: string; hint: string; exitCode: number };
  };
  expect(error).toMatchObject({ code, exitCode: exit });
  expect(typeof error.hint).toBe('string');
  expect(text).toContain(error.message);
  expect(lines.slice(1).filter((line) => line.startsWith('{'))).toEqual([]);
  expect(lines).toHaveLength(1);
}
