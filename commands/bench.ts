import * as Args from '@oclif/core/args';
import { BeckCommand } from '../src/cli/base-command.ts';
import { benchFlags, planOf } from '../src/cli/bench/flags.ts';
import { benchCsv, benchDocument, benchPage } from '../src/cli/bench/page.ts';
import { takePart } from '../src/cli/bench/party.ts';
import type { Part } from '../src/cli/bench/plan.ts';
import { runBench } from '../src/cli/bench/session.ts';

export default class Bench extends BeckCommand {
  static override summary = 'measures how fast writing and reading are on this machine';
  static override description =
    'Writers and readers are processes of their own and begin together. It all happens in a folder under TMPDIR, which is removed, unless both TOPIC and --data-dir say where; that topic is made when it is not there, and keeps the records.';
  static override examples = [
    { description: 'flat out, one writer and one reader', command: 'beck bench' },
    { description: 'how long a record takes to arrive, paced', command: 'beck bench --rate 500 --records 1000' },
    {
      description: 'four writers at one topic, a commit for each ten records',
      command: 'beck bench --writers 4 --readers 0 --batch 10 --records 4000',
    },
    {
      description: 'on the disk that counts, for a spreadsheet',
      command: 'beck bench load --data-dir ./.beck --size 1000 --records 20000 --csv',
    },
  ];
  static override args = {
    topic: Args.string({ ignoreStdin: true, description: 'a topic of yours, with --data-dir' }),
  };
  static override flags = benchFlags;

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Bench);
    if (flags.part !== undefined)
      return takePart(JSON.parse(flags.part) as Part, await this.openCluster('existing'), this.io, this.signal);
    if (flags.broker !== undefined)
      throw this.usage('--broker does not go with bench', 'it measures a data directory; --data-dir names one');
    const result = await runBench(planOf(args.topic, flags), {
      dataDir: flags['data-dir'],
      allowUnsafeFs: flags['allow-unsafe-fs'],
      partitions: flags.partitions,
      env: this.io.env,
      cwd: this.io.cwd,
      signal: this.signal,
    });
    if (flags.csv) await this.io.stdout.write(benchCsv(result));
    else await this.answer(benchDocument(result), () => benchPage(result, this.io));
  }
}
