import * as Args from '@oclif/core/args';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { dryRunFlag, yesFlag } from '../../src/cli/flags.ts';
import { topicScopeFlag } from '../../src/cli/group/flags.ts';
import { offsetScopes } from '../../src/cli/group/offset-scope.ts';
import { deletedOffsetsLine, deleteOffsetsQuestion } from '../../src/cli/pages/group-lines.ts';
import { storedOffsetsPage } from '../../src/cli/pages/stored-offsets.ts';

export default class GroupDeleteOffsets extends BeckCommand {
  static override summary = 'lets a group forget how far it has read a topic';
  static override description = 'It must not be subscribed to that topic any more; the records stay.';
  static override examples = [
    {
      description: 'a topic that it reads no more, after asking',
      command: 'beck group delete-offsets billing --topic orders',
    },
    { description: 'what would be forgotten', command: 'beck group delete-offsets billing --topic orders --dry-run' },
    { description: 'one partition, in a script', command: 'beck group delete-offsets billing --topic orders:2 --yes' },
  ];
  static override args = {
    group: Args.string({ ignoreStdin: true, description: 'the name of a group' }),
  };
  static override flags = {
    topic: topicScopeFlag,
    yes: yesFlag,
    'dry-run': dryRunFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(GroupDeleteOffsets);
    if (flags.topic === undefined) throw this.usage('--topic is missing');
    const scope = offsetScopes(flags.topic);
    const cluster = await this.openCluster(flags['dry-run'] ? 'read' : 'existing');
    const group = await this.chooseGroup(args.group, cluster);
    const doomed = await cluster.groups.committedOffsets(group, scope);
    if (flags['dry-run']) {
      await this.answer(doomed, () => storedOffsetsPage(doomed, this.io));
      return this.say('nothing was changed');
    }
    const isAsked = doomed.length > 0 && !flags.yes;
    if (isAsked && !(await this.confirm(deleteOffsetsQuestion(group, doomed), false))) return;
    await cluster.groups.deleteOffsets(group, doomed);
    if (this.jsonEnabled()) return this.answer(doomed, () => '');
    this.say(deletedOffsetsLine(group, doomed));
  }
}
