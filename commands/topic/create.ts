import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { changedLine, effectLine } from '../../src/cli/pages/topic-lines.ts';
import { topicDocument } from '../../src/cli/pages/topic-list.ts';
import { configFlag, configHelp, configsOf } from '../../src/cli/topic-flags.ts';

export default class TopicCreate extends BeckCommand {
  static override summary = 'makes topics, all of them or none';
  static override description = configHelp();
  static override examples = [
    { description: 'with three partitions', command: 'beck topic create orders -p 3' },
    {
      description: 'several at once, each kept for an hour',
      command: 'beck topic create clicks views -c retention.ms=1h',
    },
    {
      description: 'that keeps the latest value of each key',
      command: 'beck topic create users -c cleanup.policy=compact --if-not-exists',
    },
  ];
  static override args = {
    topic: Args.string({
      required: true,
      multiple: true,
      ignoreStdin: true,
      description: 'names of letters, digits, `.`, `_` and `-`',
    }),
  };
  static override flags = {
    partitions: Flags.integer({ char: 'p', helpValue: 'N', summary: 'how many partitions each has; 1 by default' }),
    config: configFlag,
    'if-not-exists': Flags.boolean({ summary: 'leave those that exist as they are' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(TopicCreate);
    const names = [...new Set(args.topic)];
    const configs = configsOf(flags.config);
    const cluster = await this.openCluster('create');
    const specs = names.map((name) => ({ name, partitions: flags.partitions, configs }));
    const created = await cluster.createTopics(specs, { ifNotExists: flags['if-not-exists'] });
    if (this.jsonEnabled()) return this.answer(created.map(topicDocument), () => '');
    for (const topic of created) this.say(changedLine(topic, 'created'));
    for (const name of names)
      if (!created.some((topic) => topic.name === name)) this.say(`${name} exists already; left as it is`);
    const idle = created.length === 0 ? undefined : effectLine(Object.keys(configs));
    if (idle !== undefined) this.say(idle);
  }
}
