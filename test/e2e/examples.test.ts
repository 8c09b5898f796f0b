/** Every example that help prints works as it is printed. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { hasOpenssl, makeCertificates } from '../support/certificates.ts';
import { type Beck, it, unix } from '../support/e2e.ts';
import { openTransaction } from '../support/open-transaction.ts';

interface ManifestCommand {
  readonly id: string;
  readonly summary?: string;
  readonly examples?: readonly ({ readonly command: string } | string)[];
}

const MANIFEST = JSON.parse(readFileSync(join(import.meta.dirname, '../../oclif.manifest.json'), 'utf8')) as {
  commands: Readonly<Record<string, ManifestCommand>>;
};

const EXAMPLES = Object.values(MANIFEST.commands).flatMap(({ id, examples = [] }) =>
  examples.map(
    (example) => [id.replaceAll(':', ' '), typeof example === 'string' ? example : example.command] as const,
  ),
);

/** Those that follow or serve until somebody ends them: by what is seen on stdout, or in the topic that they write. */
const ENDLESS: Readonly<Record<string, { readonly until: string; readonly topic?: string }>> = {
  'beck consume orders -f': { until: '"id":1' },
  'beck group describe billing --members --watch': { until: 'billing: Empty' },
  'tail -F app.log | beck produce logs --create': { until: 'a line\n', topic: 'logs' },
  'beck pipe orders loud -g loud --create -- tr a-z A-Z': { until: '{"ID":1}\n', topic: 'loud' },
  'beck serve --listen 127.0.0.1:9092': { until: '"bootstrap":"127.0.0.1:' },
  'beck serve --listen SASL_SSL://0.0.0.0:9093 --tls-cert server.pem --tls-key server.key': {
    until: '"listeners":["SASL_SSL://0.0.0.0:',
  },
  'beck serve --ephemeral --nodes 3 --listen 127.0.0.1:0': { until: '"event":"ready"' },
};

/** What an example finds when somebody has followed the ones above it. */
async function prepare(beck: Beck, example: string): Promise<void> {
  const makes = /topic create (.*)/.exec(example)?.[1]?.split(' ') ?? [];
  const topics = ['orders', 'clicks', 'views', 'users', 'payments'].filter((topic) => !makes.includes(topic));
  await beck.ok(['topic', 'create', ...topics, '-p', '3']);
  if (topics.includes('orders')) await beck.produce('orders', '{"id":1}\n{"id":2}\n{"id":3}\n', '-k', 'alice');
  writeFileSync(join(beck.folder, 'app.log'), 'a line\n');
  writeFileSync(join(beck.folder, 'clean.sh'), 'exec cat\n');
  if (example.includes('beck txn')) {
    const broker = Broker.open(beck.dir, 'existing');
    openTransaction(broker, 'nightly-import', { topic: 'views' }, { timeoutMs: 900_000 });
    broker.close();
  }
  writeFileSync(join(beck.folder, 'password.txt'), 'secret\n');
  if (/beck user (list|delete)/.test(example)) await beck.ok(['user', 'add', 'alice'], { stdin: 'secret' });
  if (example.includes('--tls-cert')) makeCertificates(beck.folder);
  if (example.includes('beck group')) await prepareGroups(beck, example.includes('--shift') ? 'start' : 'end');
  if (/test-/.test(example)) await beck.create('test-1');
  mkdirSync(join(beck.folder, 'src/shop'), { recursive: true });
  mkdirSync(join(beck.folder, '.config/fish/completions'), { recursive: true });
}

/** Groups that have read everything there is in `orders`, or nothing. */
async function prepareGroups(beck: Beck, to: 'start' | 'end'): Promise<void> {
  for (const group of ['billing', 'trial-1', 'trial-2'])
    await beck.ok(['group', 'reset', group, '--topic', 'orders', '--to', to, '--yes']);
  const { stdout } = await beck.ok(['group', 'export', 'billing']);
  writeFileSync(join(beck.folder, 'offsets.json'), stdout);
}

function quoted(line: string): string {
  return `'${line.replaceAll("'", "'\\''")}'`;
}

/** Questions are for terminals. */
function forAPipe(example: string): string {
  if (example === 'beck user add alice') return `${example} < password.txt`;
  const asks =
    /beck (topic delete|topic trim|group reset|group delete|txn abort|user delete)/.test(example) &&
    !/--yes|--dry-run/.test(example);
  return asks ? `${example} --yes` : example;
}

describe.runIf(unix).concurrent('the example', () => {
  it.for(EXAMPLES)('of %s: %s', async ([, example], { beck, skip }) => {
    skip(/\bjq\b/.test(example) && (await beck.shell('command -v jq')).code !== 0, 'there is no jq here');
    const shell = /zsh|fpath/.test(example) ? 'zsh' : /fish \| source/.test(example) ? 'fish' : 'bash';
    skip((await beck.shell(`command -v ${shell}`)).code !== 0, `there is no ${shell} here`);
    skip(example.includes('--tls-cert') && !hasOpenssl, 'there is no openssl here');
    await prepare(beck, example);
    const env = { HOME: beck.folder, ...(example.startsWith('beck init') ? { BECK_DATA_DIR: undefined } : {}) };
    const endless = ENDLESS[example];
    if (endless === undefined) {
      const line = shell === 'bash' ? forAPipe(example) : `${shell} -c ${quoted(example)}`;
      const { code, stderr } = await beck.shell(line, { env });
      expect([code, stderr]).toEqual([0, '']);
      return;
    }
    const live = beck.spawnShell(example.replace(/(?<=127\.0\.0\.1:|0\.0\.0\.0:)909\d/, '0'), { env }); // somebody may listen there
    if (endless.topic === undefined) return void (await live.prints(endless.until));
    const reader = await untilTopic(beck, endless.topic);
    expect((await reader.ended).stdout).toBe(endless.until);
  });
});

describe.concurrent('every page of help', () => {
  it.for(
    Object.values(MANIFEST.commands).map(
      ({ id, summary, examples }) => [id.replaceAll(':', ' '), summary, examples] as const,
    ),
  )('of %s', async ([id, summary, examples], { beck }) => {
    const { stdout, stderr } = await beck.ok([...id.split(' '), '--help']);
    expect(stderr).toBe('');
    expect(stdout.split('\n')[0]?.toLowerCase()).toContain(summary?.slice(0, 20).toLowerCase());
    expect(examples?.length).toBeGreaterThanOrEqual(3);
    expect((await beck.ok(['help', ...id.split(' ')])).stdout).toBe(stdout);
  });

  it('is made without a data directory, and of the overview too', async ({ beck }) => {
    const stdout = `${(await beck.ok([])).stdout}${(await beck.ok(['--help'])).stdout}`;
    const named = [...stdout.matchAll(/^ {2}(?:.*\| )?beck (\w+(?: \w+)?)/gm)].map(([, words = '']) => words);
    for (const words of named)
      expect(
        Object.keys(MANIFEST.commands).some(
          (id) => words.startsWith(id.replaceAll(':', ' ')) || id.replaceAll(':', ' ').startsWith(words),
        ),
        words,
      ).toBe(true);
  });
});

/** A reader of the topic's first record, from the moment the topic is there. */
async function untilTopic(beck: Beck, topic: string): Promise<ReturnType<Beck['spawn']>> {
  while ((await beck.run(['topic', 'describe', topic])).code !== 0);
  return beck.spawn(['consume', topic, '-f', '-n', '1']);
}
