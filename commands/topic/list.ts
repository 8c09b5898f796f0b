import * as Args from '@oclif/core/args';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { topicDocument, topicListPage } from '../../src/cli/pages/topic-list.ts';

export default class TopicList extends BeckCommand {
  static override summary = 'shows which topics there are, and how much is in them';
  static override examples = [
    { description: 'all of them', command: 'beck topic list' },
    { description: 'those whose whole name matches', command: "beck topic list 'orders.*'" },
    { description: 'the names alone', command: "beck topic list --json | jq -r '.[].topic'" },
  ];
  static override args = {
    regex: Args.string({ ignoreStdin: true, description: 'a regular expression for whole names' }),
  };

  override async run(): Promise<void> {
    const { args } = await this.parse(TopicList);
    const cluster = await this.openCluster('read');
    const topics = await cluster.listTopics(args.regex === undefined ? undefined : { pattern: args.regex });
    await this.answer(topics.map(topicDocument), () => topicListPage(topics, this.io));
    if (topics.length === 0)
      this.say(args.regex === undefined ? 'no topics yet; `beck topic create NAME` makes one' : 'none matches');
  }
}
