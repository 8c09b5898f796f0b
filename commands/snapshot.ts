import * as Args from '@oclif/core/args';
import { BeckCommand } from '../src/cli/base-command.ts';
import { startProgress } from '../src/cli/progress.ts';
import { bytes } from '../src/cli/units.ts';

export default class Snapshot extends BeckCommand {
  static override summary = 'copies all topics, as they are at one moment, into a folder of their own';
  static override description =
    'Others go on writing meanwhile. The copy is a data directory like any other: --data-dir opens it.';
  static override examples = [
    { description: 'a copy beside the data', command: 'beck snapshot backup' },
    { description: 'and a look into it', command: 'beck topic list --data-dir backup' },
    { description: 'one a day', command: 'beck snapshot "backup-$(date +%F)" --json' },
  ];
  static override args = {
    dir: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'the folder to make; it must not exist, or be empty',
    }),
  };

  override async run(): Promise<void> {
    const { args } = await this.parse(Snapshot);
    const cluster = await this.openCluster('read');
    const progress = startProgress('copying', this.io);
    const snapshot = await cluster.snapshot(args.dir, progress.update).finally(() => progress.done());
    if (this.jsonEnabled()) return this.answer(snapshot, () => '');
    this.say(`${snapshot.path}: ${bytes(snapshot.bytes)}; \`beck topic list --data-dir ${args.dir}\` looks into it`);
  }
}
