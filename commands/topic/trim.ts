import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { dryRunFlag, yesFlag } from '../../src/cli/flags.ts';
import { canAsk } from '../../src/cli/io.ts';
import { dryRunLine } from '../../src/cli/pages/topic-lines.ts';
import { trimDocument, trimmedLine, trimPage, trimQuestion } from '../../src/cli/pages/topic-trim.ts';
import { parsePosition } from '../../src/cli/positions.ts';

export default class TopicTrim extends BeckCommand {
  static override summary = 'lets go of the oldest records of a topic';
  static override examples = [
    {
      description: 'all but the last 1000 offsets of each partition, after asking',
      command: 'beck topic trim orders --before -1000',
    },
    {
      description: 'what is older than an hour would be gone',
      command: 'beck topic trim orders --before @-1h --dry-run',
    },
    { description: 'everything in partition 0', command: 'beck topic trim orders --before end -p 0 --yes' },
  ];
  static override args = {
    topic: Args.string({ ignoreStdin: true, description: 'the name of a topic' }),
  };
  static override flags = {
    before: Flags.string({
      required: true,
      helpValue: 'POS',
      summary: 'end, an offset, -N before the end, +N after the start, or @TIME',
    }),
    partition: Flags.integer({ char: 'p', helpValue: 'N', summary: 'this partition alone' }),
    yes: yesFlag,
    'dry-run': dryRunFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(TopicTrim);
    const to = { before: parsePosition(flags.before, this.io.now()), partition: flags.partition };
    const cluster = await this.openCluster(flags['dry-run'] ? 'read' : 'reclaim');
    const topic = await this.chooseTopic(args.topic, cluster);
    const doomed = await cluster.trimTopic(topic, { ...to, dryRun: true });
    if (flags['dry-run']) {
      await this.answer(doomed.map(trimDocument), () => trimPage(doomed, this.io));
      return this.say(dryRunLine(doomed));
    }
    const nothingToAsk = doomed.length === 0 && canAsk(this.io);
    if (!(await this.confirm(trimQuestion(topic, doomed), flags.yes || nothingToAsk))) return;
    const trimmed = await cluster.trimTopic(topic, { ...to, dryRun: false });
    if (this.jsonEnabled()) return this.answer(trimmed.map(trimDocument), () => '');
    this.say(trimmedLine(topic, trimmed));
  }
}
