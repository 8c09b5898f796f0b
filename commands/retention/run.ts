import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { dryRunFlag } from '../../src/cli/flags.ts';
import { retainedLine, retentionDocument, retentionPage } from '../../src/cli/pages/retention.ts';
import { dryRunLine } from '../../src/cli/pages/topic-lines.ts';
import { parseTime } from '../../src/cli/positions.ts';
import { startProgress } from '../../src/cli/progress.ts';

export default class RetentionRun extends BeckCommand {
  static override summary = 'lets go of what the topics need not keep any longer, and gives the space back';
  static override description =
    "Does what each topic's cleanup.policy says: by age (retention.ms), by size (retention.bytes), by key (compact). It happens by itself now and then; this does it now, compaction without waiting for its dirty ratio. It never asks.";
  static override examples = [
    { description: 'what would go, and why', command: 'beck retention run --dry-run' },
    { description: 'of one topic, now', command: 'beck retention run orders' },
    {
      description: 'what would be gone by then',
      command: 'beck retention run --dry-run --now 2030-01-01',
    },
  ];
  static override args = {
    topic: Args.string({
      multiple: true,
      required: false,
      ignoreStdin: true,
      description: 'names of topics; all when there is none',
    }),
  };
  static override flags = {
    now: Flags.string({
      helpValue: 'TIME',
      summary: 'as if it were this time: ISO 8601, ms since 1970, or back from now as -1h',
    }),
    'dry-run': dryRunFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(RetentionRun);
    const now = flags.now === undefined ? undefined : parseTime(flags.now, this.io.now());
    const names = [...new Set(args.topic)];
    const dryRun = flags['dry-run'];
    const cluster = await this.openCluster(dryRun ? 'read' : 'reclaim');
    const progress = startProgress('retention', this.io);
    const topics = names.length === 0 ? undefined : { names };
    const rows = await cluster
      .runRetention({ topics, now, dryRun, onProgress: progress.update })
      .finally(() => progress.done());
    if (this.jsonEnabled() || (dryRun && rows.length > 0))
      await this.answer(rows.map(retentionDocument), () => retentionPage(rows, this.io));
    if (!this.jsonEnabled()) this.say(dryRun ? dryRunLine(rows) : retainedLine(rows));
  }
}
