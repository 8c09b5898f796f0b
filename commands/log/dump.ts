import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { batchDocument, dumpPage } from '../../src/cli/pages/log-dump.ts';
import { parsePosition } from '../../src/cli/positions.ts';
import type { DumpedBatch } from '../../src/client/cluster.ts';

export default class LogDump extends BeckCommand {
  static override summary = 'shows the batches of a topic as they lie in the log';
  static override description =
    'Control batches and those of aborted transactions are shown too, and whether each checksum holds.';
  static override examples = [
    { description: 'all of a topic', command: 'beck log dump orders' },
    {
      description: 'where offset 1000 of partition 0 lies',
      command: 'beck log dump orders -p 0 --from 1000 --until 1001',
    },
    {
      description: 'how large the batches are',
      command: `beck log dump orders --json | jq -r '.[] | [.baseOffset, .records, .size] | @tsv'`,
    },
  ];
  static override args = {
    topic: Args.string({ ignoreStdin: true, description: 'the name of a topic' }),
  };
  static override flags = {
    partition: Flags.integer({
      char: 'p',
      min: 0,
      helpValue: 'N',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'only this partition; as often as wanted',
    }),
    from: Flags.string({
      helpValue: 'POS',
      default: 'start',
      summary: 'where to begin: start, end, N, -N, +N or @TIME',
    }),
    until: Flags.string({ helpValue: 'POS', summary: 'where to stop, without it' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(LogDump);
    const now = this.io.now();
    const cluster = await this.openCluster('read');
    const topic = await this.chooseTopic(args.topic, cluster);
    const batches: DumpedBatch[] = [];
    const until = flags.until === undefined ? undefined : parsePosition(flags.until, now);
    for await (const some of cluster.dump({
      topics: { names: [topic] },
      partitions: flags.partition,
      from: parsePosition(flags.from, now),
      until,
    })) {
      batches.push(...some);
      if (this.signal.aborted) return;
    }
    await this.answer(batches.map(batchDocument), () => dumpPage(batches, this.io));
  }
}
