import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { descriptionDocument } from '../../src/cli/pages/topic-describe.ts';
import { changedLine, effectLine } from '../../src/cli/pages/topic-lines.ts';
import { configFlag, configHelp, configsOf, unsetFlag } from '../../src/cli/topic-flags.ts';

export default class TopicAlter extends BeckCommand {
  static override summary = 'changes how a topic is configured, or gives it more partitions';
  static override description = configHelp();
  static override examples = [
    { description: 'keep its records for a week', command: 'beck topic alter orders -c retention.ms=7d' },
    { description: 'as long as by default again', command: 'beck topic alter orders --unset retention.ms' },
    { description: 'six partitions in all', command: 'beck topic alter orders -p 6' },
  ];
  static override args = {
    topic: Args.string({ ignoreStdin: true, description: 'the name of a topic' }),
  };
  static override flags = {
    partitions: Flags.integer({
      char: 'p',
      helpValue: 'TOTAL',
      summary: 'how many partitions it shall have; they never get fewer',
    }),
    config: configFlag,
    unset: unsetFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(TopicAlter);
    const { partitions, unset = [] } = flags;
    const set = configsOf(flags.config);
    if (partitions === undefined && unset.length + Object.keys(set).length === 0)
      throw this.usage('-p, -c or --unset must say what to change');
    const cluster = await this.openCluster('existing');
    const topic = await cluster.alterTopic(await this.chooseTopic(args.topic, cluster), { partitions, set, unset });
    if (this.jsonEnabled()) return this.answer(descriptionDocument(topic, { allConfigs: false }), () => '');
    this.say(changedLine(topic, 'altered'));
    if (partitions !== undefined) this.say('a key may go to another partition from now on');
    const idle = effectLine(Object.keys(set));
    if (idle !== undefined) this.say(idle);
  }
}
