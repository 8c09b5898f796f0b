/** The same work on a small and on a large topic: what is stored already must not matter. */
import type { Cluster } from '../src/client/cluster.ts';
import { openCluster } from '../src/client/open.ts';
import { monotonic } from '../src/clock.ts';
import type { Position } from '../src/types.ts';
import { type Ground, inTurns, settle } from './ground.ts';
import { LINE_BYTES, writeLines } from './lines-file.ts';
import { absolute, type Row, ratioOf } from './row.ts';
import type { Section } from './setting.ts';

/** Lines of one refill of the large topic. */
const REFILL_LINES = 1_000_000;
const SEEKS = 200;
/** Rounds of what takes milliseconds. */
const SHORT_ROUNDS = 4;

export const growth: Section = async ({ ground, rounds, small, large, partitions }) => {
  const { file, dirs, lines } = topics(ground, small, large);
  const group = `Cost at ${say(large)}, against ${say(small)}`;
  const both = async (rounds: number, run: (dataDir: string) => number | Promise<number>) => {
    const times = await inTurns(rounds, { large: () => run(dirs.large), small: () => run(dirs.small) });
    return ratioOf(times.large, times.small);
  };
  const beck =
    (...args: readonly string[]) =>
    (dataDir: string) =>
      ground.beck(args, { dataDir, stdout: ground.fresh('out') }).ms;
  const rows: Row[] = [
    {
      group,
      what: 'consume',
      ...(await both(rounds, beck('consume', 't', '--from', `-${lines}`))),
      method: `the last ${say(small)}, to a file`,
    },
    {
      group,
      what: 'topic list',
      ...(await both(rounds * SHORT_ROUNDS, beck('topic', 'list'))),
      method: 'the whole command',
    },
    { group, what: 'status', ...(await both(rounds * SHORT_ROUNDS, beck('status'))), method: 'the whole command' },
    {
      group,
      what: 'one record',
      ...(await both(rounds * SHORT_ROUNDS, beck('consume', 't', '--from', `+${lines >> 1}`, '-n', '1'))),
      method: 'beck consume t --from +N -n 1, the whole command',
    },
    ...(await seeks(group, dirs)),
    {
      group,
      what: 'produce',
      ...(await both(rounds, (dataDir) => produce(ground, dataDir, file))),
      method: `${say(small)} more, durable`,
    },
  ];
  return [...rows, ...(await manyPartitions(ground, rounds * SHORT_ROUNDS, partitions))];
};

function topics(ground: Ground, small: number, large: number) {
  const lines = Math.ceil(small / LINE_BYTES);
  const file = writeLines(ground.fresh('small'), lines);
  const dirs = { small: ground.topic(), large: ground.topic() };
  produce(ground, dirs.small, file);
  fill(ground, dirs.large, large);
  return { file, dirs, lines };
}

/** Puts so many bytes of lines into topic `t`. */
export function fill(ground: Ground, dataDir: string, bytes: number): void {
  const refill = writeLines(ground.fresh('refill'), Math.min(REFILL_LINES, Math.ceil(bytes / LINE_BYTES)));
  for (let done = 0; done < bytes; done += REFILL_LINES * LINE_BYTES) produce(ground, dataDir, refill);
  ground.remove(refill);
}

function produce(ground: Ground, dataDir: string, file: string): number {
  settle();
  return ground.beck(['produce', 't'], { stdin: file, dataDir }).ms;
}

/** Inside a process that has the log open: from the question to the first batches. The second half lies behind: enough to read. */
async function seeks(group: string, dirs: Readonly<Record<'large' | 'small', string>>): Promise<Row[]> {
  const open = {
    large: { cluster: await opened(dirs.large), ...(await range(dirs.large)) },
    small: { cluster: await opened(dirs.small), ...(await range(dirs.small)) },
  };
  const draw = (from: number, to: number) => Math.floor(from + Math.random() * (to - from));
  const kinds: Record<string, (side: (typeof open)['large']) => Position> = {
    offset: ({ end }) => ({ at: 'offset', offset: draw(0, end / 2) }),
    time: ({ oldest, newest }) => ({ at: 'time', timestamp: draw(oldest, (oldest + newest) / 2) }),
  };
  const rows: Row[] = [];
  for (const [kind, position] of Object.entries(kinds)) {
    const timed = (side: 'large' | 'small') => () => seek(open[side].cluster, position(open[side]));
    const times = await inTurns(SEEKS, { large: timed('large'), small: timed('small') });
    const { value, times: medians } = ratioOf(times.large, times.small);
    const rounds = [0, 1, 2, 3, 4].map((i) => slice(times.large, i).value / slice(times.small, i).value);
    const method = `consume from a random ${kind} and take the first batches, in one process, ${SEEKS} times`;
    rows.push(
      {
        group,
        what: `seek by ${kind}`,
        value,
        unit: 'times',
        spread: [Math.min(...rounds), Math.max(...rounds)],
        times: medians ?? '',
        method,
      },
      {
        group,
        what: `seek by ${kind} (absolute)`,
        ...absolute(times.large, 'ms'),
        wanted: 1,
        method: 'the same in the large one',
      },
    );
  }
  for (const { cluster } of Object.values(open)) await cluster.close();
  return rows;
}

/** The median of the i-th fifth. */
function slice(times: readonly number[], i: number) {
  return absolute(times.slice((i * SEEKS) / 5, ((i + 1) * SEEKS) / 5), 'ms');
}

async function seek(cluster: Cluster, from: Position): Promise<number> {
  const begin = monotonic();
  const reader = await cluster.consume({ topics: { names: ['t'] }, from, follow: false, isolation: 'read_committed' });
  await reader.next();
  const ms = monotonic() - begin;
  reader.close();
  return ms;
}

function opened(dataDir: string): Promise<Cluster> {
  const { signal } = new AbortController();
  return openCluster({ dataDir, allowUnsafeFs: false, cwd: '/', env: {}, signal, mode: 'existing' });
}

async function range(dataDir: string) {
  const cluster = await opened(dataDir);
  const [topic] = await cluster.describeTopics({ names: ['t'] });
  await cluster.close();
  return { end: topic?.partitionList[0]?.end ?? 0, oldest: topic?.oldest ?? 0, newest: topic?.newest ?? 0 };
}

async function manyPartitions(ground: Ground, rounds: number, partitions: number): Promise<Row[]> {
  const [many, one] = [ground.topic('-p', `${partitions}`), ground.topic()];
  const rows: Row[] = [];
  for (const command of ['topic list', 'status']) {
    const run = (dataDir: string) => () => ground.beck(command.split(' '), { dataDir }).ms;
    const times = await inTurns(rounds, { many: run(many), one: run(one) });
    const group = `A topic of ${partitions} partitions, against one of 1`;
    rows.push({
      group,
      what: command,
      ...ratioOf(times.many, times.one),
      method: 'the whole command, which prints one row',
    });
  }
  return rows;
}

function say(bytes: number): string {
  return bytes >= 1e9 ? `${bytes / 1e9} GB` : `${bytes / 1e6} MB`;
}
