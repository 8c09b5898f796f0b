/**
 * `npm run quickstart`: a topic with something real in it, in a minute. Every command stands above its output as one would
 * type it; a step that fails ends it with exit code 1.
 *
 * All of it happens in a folder of its own under the system's temporary folder; the repository and the home folder are not
 * touched. On a terminal the folder stays, so that one can go on from there; elsewhere it is removed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeInput } from './quickstart-input.js';

const BECK = fileURLToPath(new URL('../bin/beck.cjs', import.meta.url));
const INPUT = 'commits.jsonl';

/** What is shown, in this order. `shows` makes of a command's output what the `pipe` behind it would. */
const STEPS = [
  {
    says: 'A topic with three partitions. Its records will be as old as the commits, so it keeps for ever.',
    words: ['topic', 'create', 'commits', '-p', '3', '-c', 'retention.ms=-1'],
  },
  {
    says: 'One record a commit. Each line says its key, time and header; the key decides the partition.',
    words: ['produce', 'commits', INPUT, '-i', 'jsonl'],
  },
  { says: 'The last five, for people.', words: ['consume', 'commits', '--tail', '5', '-o', 'table'] },
  {
    says: 'The first two, whole. Nothing of a record is lost in JSONL: `produce -i jsonl` reads it again.',
    words: ['consume', 'commits', '-n', '2', '-o', 'jsonl'],
  },
  {
    says: "Where the keys went. The partitioner is Kafka's own: all records of a key are in one partition, in order.",
    words: ['consume', 'commits', '-o', '%p %k\\n'],
    pipe: 'sort | uniq -c | sort -rn | head',
    shows: countedLines,
  },
  { says: 'The topic, partition by partition.', words: ['topic', 'describe', 'commits'] },
  {
    says: 'What retention would take now: nothing, since the topic keeps for ever.',
    words: ['retention', 'run', '--dry-run'],
  },
  { says: 'And every byte is in order.', words: ['check'] },
];

const { stdout } = process;
const isKept = stdout.isTTY === true;
// Whoever reads has seen enough.
stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'beck-quickstart-'));
  if (!isKept) process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const input = takeInput(join(folder, INPUT));
  await say(`${input}: ${INPUT}, one JSON record a line, keyed by author.\n`);
  await say(`It all happens in ${folder}, which ${isKept ? 'stays' : 'is removed at the end'}.\n`);
  for (const step of STEPS) await show(step, folder);
  await say(farewell(join(folder, 'data')));
}

async function show({ says, words, pipe, shows }, folder) {
  await say(`\n# ${says}\n$ beck ${words.map(quoted).join(' ')}${pipe === undefined ? '' : ` | ${pipe}`}\n`);
  const text = await beck(words, folder, shows === undefined ? 'inherit' : 'pipe');
  if (shows !== undefined) await say(shows(text));
}

/** Runs beck to its end; resolves to what it printed when `to` is a pipe. Rejects when it fails. */
function beck(words, folder, to) {
  const env = { ...process.env, BECK_DATA_DIR: join(folder, 'data'), XDG_CACHE_HOME: join(folder, 'cache') };
  const child = spawn(process.execPath, [BECK, ...words], { cwd: folder, env, stdio: ['ignore', to, 'inherit'] });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      code === 0 ? resolve(text) : reject(new Error(`\`beck ${words.join(' ')}\` ended with ${signal ?? code}`)),
    );
  });
}

/** The lines that come most often, as those four programs print them. */
function countedLines(text) {
  const counts = new Map();
  for (const line of text.split('\n').filter(Boolean)) counts.set(line, (counts.get(line) ?? 0) + 1);
  const rows = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? 1 : -1)).slice(0, 10);
  return rows.map(([line, count]) => `${String(count).padStart(7)} ${line}\n`).join('');
}

/** As one would type it into a shell. */
function quoted(word) {
  return /^[\w./=@:-]+$/.test(word) ? word : `'${word}'`;
}

function farewell(dataDir) {
  const choose =
    process.platform === 'win32' ? `$env:BECK_DATA_DIR = '${dataDir}'` : `export BECK_DATA_DIR='${dataDir}'`;
  const rows = [
    ['npm link', 'puts `beck` on your PATH'],
    ...(isKept ? [[choose, 'goes on with this topic']] : []),
    ['beck consume commits -f', 'follows it, like tail -f; meanwhile, in another terminal:'],
    ['echo hello | beck produce commits -k me', 'one more record'],
    ['beck init', 'gives the project you are in a log of its own'],
    ['beck', 'what else there is'],
  ].filter(([command]) => isKept || !command.includes('commits'));
  return `\nWhat to try next:\n${rows.map(([command, says]) => `  ${command}\n      ${says}\n`).join('')}`;
}

function say(text) {
  return new Promise((resolve) => {
    stdout.write(text, resolve);
  });
}

main().catch((error) => {
  process.stderr.write(`quickstart: ${error.message}\n`);
  process.exitCode = 1;
});
