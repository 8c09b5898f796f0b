/** What the quickstart writes to its topic: the history of this repository as records in JSONL, or the sample beside this file. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SAMPLE = fileURLToPath(new URL('quickstart-sample.jsonl', import.meta.url));
/** A shallow clone has one. */
const ENOUGH_COMMITS = 2;

/** Writes the records to `file`; returns a sentence on what they are. */
export function takeInput(file) {
  const commits = history();
  if (commits.length < ENOUGH_COMMITS) {
    copyFileSync(SAMPLE, file);
    return 'The input is a made-up sample, since there is no git history here';
  }
  writeFileSync(file, commits.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return `The input is this repository's own \`git log\`, ${commits.length} commits`;
}

/** The commits, oldest first, as records; none where git or this repository's own history is missing. */
function history() {
  // In a folder of somebody else's repository there is a prefix, and the history is not ours.
  if (git('rev-parse', '--show-prefix')?.trim() !== '') return [];
  const log = git('log', '--reverse', '-z', '--format=%h%x1f%at%x1f%aN%x1f%s') ?? '';
  return log.split('\0').filter(Boolean).map(toRecord);
}

function toRecord(line) {
  const [hash, seconds, author, subject] = line.split('\x1f');
  // Made under a clock that was fast: Kafka refuses times that lie more than an hour ahead.
  const timestamp = Math.min(Number(seconds) * 1000, Date.now());
  return { key: author, value: subject, timestamp, headers: [['commit', hash]] };
}

/** What git prints; undefined where it is not installed or fails. */
function git(...words) {
  const { status, stdout } = spawnSync('git', words, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 });
  return status === 0 ? stdout : undefined;
}
