/** What exactly once costs beside the same work without it: in CPU time where the disk would hide it. */
import { join } from 'node:path';
import { BECK, type Ground, inTurns, settle } from './ground.ts';
import { LINE_BYTES, writeLines } from './lines-file.ts';
import { type Row, ratioOf } from './row.ts';
import type { Section } from './setting.ts';

const GROUP = 'Exactly once';
/** A bundle beside this one. */
const PRODUCE_FILE = join(import.meta.dirname, 'produce-file.mjs');
/** Each behind a pipe as a shell makes it. */
const ONE_RECORD = 'echo x | "$0" "$@"';
const WITHOUT = '"$0" "$1" consume in | cat | "$0" "$1" produce out';

export const exactlyOnce: Section = async ({ ground, lines, transaction, rounds, startUpRounds, cpuRounds }) => [
  ...(await idempotence(ground, lines, cpuRounds)),
  ...(await largeTransaction(ground, transaction, cpuRounds)),
  ...(await smallTransaction(ground, startUpRounds)),
  ...(await piping(ground, transaction, rounds)),
];

async function idempotence(ground: Ground, lines: number, rounds: number): Promise<Row[]> {
  const file = writeLines(ground.fresh('lines'), lines);
  const produce = (how: string) => () =>
    cpuOf(ground, (dataDir) => ground.node([PRODUCE_FILE, dataDir, file, how], { dataDir, probe: true }));
  const { idempotent, plain } = await inTurns(rounds, { idempotent: produce('idempotent'), plain: produce('plain') });
  ground.remove(file);
  const method = `CPU time, user and system, of a process that stores ${sized(lines)} with producer id and sequences; against the same without; ${rounds} rounds in turns`;
  return [
    { group: GROUP, what: 'idempotent produce / produce, CPU', ...ratioOf(idempotent, plain), wanted: 1.05, method },
  ];
}

async function largeTransaction(ground: Ground, records: number, rounds: number): Promise<Row[]> {
  const stdin = writeLines(ground.fresh('lines'), records);
  const produce =
    (...flags: readonly string[]) =>
    () =>
      cpuOf(ground, (dataDir) => ground.beck(['produce', 't', ...flags], { dataDir, stdin, probe: true }));
  const { txn, plain } = await inTurns(rounds, { txn: produce('--txn'), plain: produce() });
  ground.remove(stdin);
  const method = `CPU time, user and system, of beck produce t --txn < FILE, ${sized(records)}; against beck produce t < FILE; ${rounds} rounds in turns`;
  return [{ group: GROUP, what: 'produce --txn / produce, CPU', ...ratioOf(txn, plain), wanted: 1.1, method }];
}

async function smallTransaction(ground: Ground, rounds: number): Promise<Row[]> {
  const dataDir = ground.topic();
  const produce =
    (...flags: readonly string[]) =>
    () =>
      ground.run('sh', ['-c', ONE_RECORD, process.execPath, BECK, 'produce', 't', ...flags], { dataDir }).ms;
  const { txn, plain } = await inTurns(rounds, { txn: produce('--txn'), plain: produce() });
  const method = `echo x | beck produce t --txn, the whole command; against the same without --txn; ${rounds} rounds in turns`;
  return [{ group: GROUP, what: 'produce --txn / produce, one record', ...ratioOf(txn, plain), wanted: 1.3, method }];
}

/** Every round reads all of the same topic, and writes a new one. */
async function piping(ground: Ground, records: number, rounds: number): Promise<Row[]> {
  const dataDir = ground.fresh('data');
  const stdin = writeLines(ground.fresh('lines'), records);
  ground.beck(['topic', 'create', 'in', 'out'], { dataDir });
  ground.beck(['produce', 'in'], { dataDir, stdin });
  const anew = (run: () => number) => () => {
    ground.beck(['topic', 'delete', 'out', '--yes'], { dataDir });
    ground.beck(['topic', 'create', 'out'], { dataDir });
    settle();
    return run();
  };
  let group = 0;
  const { pipe, without } = await inTurns(rounds, {
    pipe: anew(() => ground.beck(['pipe', 'in', 'out', '-g', `g${++group}`, '--once', '--', 'cat'], { dataDir }).ms),
    without: anew(() => ground.run('sh', ['-c', WITHOUT, process.execPath, BECK], { dataDir }).ms),
  });
  ground.remove(dataDir);
  ground.remove(stdin);
  const method = `beck pipe in out -g G --once -- cat, ${sized(records)}; against beck consume in | cat | beck produce out; ${rounds} rounds in turns`;
  return [{ group: GROUP, what: 'pipe / consume | cat | produce', ...ratioOf(pipe, without), wanted: 3, method }];
}

/** What a run uses that begins with an empty topic. */
function cpuOf(ground: Ground, run: (dataDir: string) => ReturnType<Ground['beck']>): number {
  const dataDir = ground.topic();
  settle();
  const { usage } = run(dataDir);
  ground.remove(dataDir);
  return usage?.cpuMs ?? Number.NaN;
}

function sized(lines: number): string {
  return `${lines.toLocaleString('en')} JSON lines of ${LINE_BYTES} bytes`;
}
