/** The exit code tells the truth, the same in text and in JSON, and an error is where a script looks for it. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type Beck, it } from '../support/e2e.ts';

interface Row {
  readonly args: readonly string[];
  readonly exit: number;
  readonly code: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
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
  row('topic create t --data-dir a-file', 5, 'STORAGE_READ_ONLY'),
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
  row('produce orders -z rar', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders --acks 2', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders -k a -K b', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders -k a -i jsonl', 2, 'USAGE', { stdin: '{"value":"x"}\n' }),
  row('produce orders -H a=b -i %v\\n', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders --whole -K :', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders --whole -D :', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders -0 -D :', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders --timestamp soon', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders --skip -1', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders --nope', 2, 'USAGE', { stdin: 'x\n' }),
  row('produce orders -K :', 1, 'INVALID_INPUT', { stdin: 'no delimiter here\n' }),
  row('produce orders -i jsonl', 1, 'INVALID_INPUT', { stdin: '{"value":1}\n' }),
  row('produce orders -i jsonl', 1, 'INVALID_INPUT', { stdin: '{"vaule":"a"}\n' }),
  row('produce orders -i jsonl', 1, 'INVALID_INPUT', { stdin: '{"key":"a"}\n' }),
  row('produce orders -i jsonl', 1, 'UNKNOWN_PARTITION', { stdin: '{"value":"a","partition":7}\n' }),
  row('produce users', 1, 'INVALID_RECORD', { stdin: 'x\n' }),
  row('produce tiny', 1, 'MESSAGE_TOO_LARGE', { stdin: 'x'.repeat(200) }),
  row('produce orders --timestamp 3000-01-01', 1, 'INVALID_TIMESTAMP', { stdin: 'x\n' }),
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

async function prepare(beck: Beck): Promise<void> {
  await beck.create('orders', '-p', '2');
  await beck.produce('orders', 'one\n');
  await beck.create('users', '-c', 'cleanup.policy=compact');
  await beck.create('tiny', '-c', 'max.message.bytes=100');
  mkdirSync(join(beck.folder, 'foreign'));
  writeFileSync(join(beck.folder, 'foreign/beck.db'), 'hello world, this is somebody else’s file'.repeat(100));
  writeFileSync(join(beck.folder, 'a-file'), '');
}

const name = ({ args, stdin }: Row): string =>
  `${args.join(' ').slice(0, 60)}${stdin === undefined ? '' : ` < ${JSON.stringify(stdin.slice(0, 30))}`}`;

describe.concurrent('commands that print one document', () => {
  it.for(FAILURES.map((each) => [name(each), each] as const))('%s', async ([, { args, exit, code, env }], { beck }) => {
    await prepare(beck);
    const options = env === undefined ? {} : { env };
    const text = await beck.run(args, options);
    expect([text.code, text.stdout]).toEqual([exit, '']);
    expect(text.stderr).toContain(`(${code})`);
    const json = await beck.run([...args, '--json'], options);
    expect([json.code, json.stderr]).toEqual([exit, '']);
    expectError(json.stdout, exit, code, text.stderr);
  });
});

describe.concurrent('commands whose stdout is records', () => {
  it.for(RECORD_FAILURES.map((each) => [name(each), each] as const))(
    '%s',
    async ([, { args, exit, code, stdin }], { beck }) => {
      await prepare(beck);
      const text = await beck.run(args, { stdin });
      expect([text.code, text.stdout]).toEqual([exit, '']);
      expect(text.stderr).toContain(`(${code})`);
      const json = await beck.run([...args, '--json'], { stdin });
      expect([json.code, json.stdout]).toEqual([exit, '']);
      expectError(json.stderr, exit, code, text.stderr);
    },
  );
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

describe.concurrent('a failure', () => {
  it('changes nothing: none of several topics is made or removed', async ({ beck }) => {
    await prepare(beck);
    await beck.run(['topic', 'create', 'fresh', 'orders']);
    await beck.run(['topic', 'delete', 'users', 'nope', '--yes']);
    const topics = JSON.parse((await beck.ok(['topic', 'list', '--json'])).stdout) as { topic: string }[];
    expect(topics.map(({ topic }) => topic)).toEqual(['orders', 'tiny', 'users']);
  });

  it('of a reader creates nothing', async ({ beck }) => {
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
