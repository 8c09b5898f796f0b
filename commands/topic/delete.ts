import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { dryRunFlag, yesFlag } from '../../src/cli/flags.ts';
import { deletedLine, deleteQuestion, dryRunLine } from '../../src/cli/pages/topic-lines.ts';
import { topicDocument, topicListPage } from '../../src/cli/pages/topic-list.ts';
import { selectTopics } from '../../src/cli/select-topics.ts';
import { BrokerError } from '../../src/errors.ts';

export default class TopicDelete extends BeckCommand {
  static override summary = 'removes topics with all their records, all of them or none';
  static override examples = [
    { description: 'one topic, after asking', command: 'beck topic delete orders' },
    { description: 'what would go', command: "beck topic delete --regex 'test-.*' --dry-run" },
    { description: 'in a script', command: 'beck topic delete clicks views --yes' },
  ];
  static override args = {
    topic: Args.string({ multiple: true, ignoreStdin: true, description: 'names of topics' }),
  };
  static override flags = {
    regex: Flags.boolean({ summary: 'the names are regular expressions for whole names' }),
    yes: yesFlag,
    'dry-run': dryRunFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(TopicDelete);
    const cluster = await this.openCluster(flags['dry-run'] ? 'read' : 'reclaim');
    const given = args.topic ?? [await this.chooseTopic(undefined, cluster)];
    const doomed = await cluster.listTopics(selectTopics(given, flags.regex));
    if (doomed.length === 0) throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', { topic: given.join(' ') });
    if (flags['dry-run']) {
      await this.answer(doomed.map(topicDocument), () => topicListPage(doomed, this.io));
      return this.say(dryRunLine(doomed));
    }
    if (!(await this.confirm(deleteQuestion(doomed), flags.yes))) return;
    const deleted = await cluster.deleteTopics({ names: doomed.map(({ name }) => name) });
    if (this.jsonEnabled()) return this.answer(deleted.map(topicDocument), () => '');
    for (const topic of deleted) this.say(deletedLine(topic));
  }
}
