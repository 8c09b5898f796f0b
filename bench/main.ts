/**
 * One table of ratios, measured in one run: each side in turns A B A B, medians of the rounds, the spread beside them. What
 * is marked absolute depends on the machine. Times on a machine that has something else to do say little; the ratios hold.
 */
import { rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { exactlyOnce } from './exactly-once.ts';
import { follow } from './follow.ts';
import { Ground } from './ground.ts';
import { groups } from './groups.ts';
import { growth } from './growth.ts';
import { lines } from './lines.ts';
import type { Row } from './row.ts';
import type { Section, Setting } from './setting.ts';
import { startUp } from './start-up.ts';
import { tableOf } from './table.ts';
import { upkeep } from './upkeep.ts';
import { writers } from './writers.ts';

const SECTIONS: Readonly<Record<string, Section>> = {
  'start-up': startUp,
  lines,
  follow,
  groups,
  'exactly-once': exactlyOnce,
  growth,
  upkeep,
  writers,
};

const USAGE = `npm run bench -- [--quick] [--json] [--kafka HOST:PORT] [--large SIZE] [--rounds N] [--only ${Object.keys(SECTIONS).join('|')}]...
  --kafka   the same lines through kcat into that broker and out of it; its topics beck-bench-… stay there
  --large   size of the large topic, such as 10GB (default 1GB)
  --quick   everything small: shows that it runs, its figures mean nothing
`;

const FULL = {
  lines: 2_000_000,
  transaction: 1_000_000,
  rounds: 5,
  startUpRounds: 25,
  cpuRounds: 15,
  small: 10e6,
  large: 1e9,
  partitions: 10_000,
  groups: 1000,
  followSeconds: 5,
  commits: 8000,
};
const QUICK = {
  lines: 20_000,
  transaction: 10_000,
  rounds: 1,
  startUpRounds: 1,
  cpuRounds: 1,
  small: 1e5,
  large: 1e6,
  partitions: 50,
  groups: 10,
  followSeconds: 0.5,
  commits: 160,
};

export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      kafka: { type: 'string' },
      large: { type: 'string' },
      rounds: { type: 'string' },
      only: { type: 'string', multiple: true, default: Object.keys(SECTIONS) },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const size = values.quick ? QUICK : FULL;
  const setting: Setting = {
    ...size,
    ground: new Ground(),
    kafka: values.kafka,
    large: values.large === undefined ? size.large : bytesOf(values.large),
    rounds: Number(values.rounds ?? size.rounds),
  };
  const rows: Row[] = [];
  for (const name of values.only) {
    process.stderr.write(`measuring ${name} …\n`);
    const section = SECTIONS[name];
    if (section === undefined) throw new Error(`there is no '${name}'\n${USAGE}`);
    rows.push(...(await section(setting)));
  }
  const machine = `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${process.platform}`;
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, rows })}\n`);
  else process.stdout.write(`${machine}\n\n${tableOf(rows)}`);
}

/** The bundles that run are not needed by the next run. */
export function removeLater(folder: string): void {
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}

function bytesOf(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(MB|GB)$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`'${text}' is no size; 500MB and 10GB are`);
  return Number(number) * (unit === 'GB' ? 1e9 : 1e6);
}
