import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { describePage, descriptionDocument, isHeldBack } from '../../src/cli/pages/topic-describe.ts';

export default class TopicDescribe extends BeckCommand {
  static override summary = 'shows what is in a topic, partition by partition, and how it is configured';
  static override examples = [
    { description: 'one topic', command: 'beck topic describe orders' },
    { description: 'with every config and what it does', command: 'beck topic describe orders --all' },
    {
      description: 'the end offset of each partition',
      command: "beck topic describe orders --json | jq '.[].partitionList[].end'",
    },
  ];
  static override args = {
    topic: Args.string({ multiple: true, ignoreStdin: true, description: 'names of topics' }),
  };
  static override flags = {
    all: Flags.boolean({ char: 'a', summary: 'every config, not only those that were changed' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(TopicDescribe);
    const cluster = await this.openCluster('read');
    const names = args.topic ?? [await this.chooseTopic(undefined, cluster)];
    const topics = await cluster.describeTopics({ names });
    const options = { allConfigs: flags.all };
    await this.answer(
      topics.map((topic) => descriptionDocument(topic, options)),
      async () => {
        const holders = topics.some(isHeldBack) ? await cluster.transactions.describe(null) : [];
        return describePage(topics, { ...options, holders }, this.io);
      },
    );
  }
}
