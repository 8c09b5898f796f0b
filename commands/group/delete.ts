import * as Args from '@oclif/core/args';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { dryRunFlag, yesFlag } from '../../src/cli/flags.ts';
import { deletedGroupLine, deleteGroupsQuestion } from '../../src/cli/pages/group-lines.ts';
import { groupDocument, groupListPage } from '../../src/cli/pages/group-list.ts';

export default class GroupDelete extends BeckCommand {
  static override summary = 'removes groups with their offsets, all of them or none';
  static override description = 'Only groups without members; the records stay.';
  static override examples = [
    { description: 'one group, after asking', command: 'beck group delete billing' },
    { description: 'what would go', command: 'beck group delete trial-1 trial-2 --dry-run' },
    { description: 'in a script', command: 'beck group delete trial-1 trial-2 --yes' },
  ];
  static override args = {
    group: Args.string({ multiple: true, ignoreStdin: true, description: 'names of groups' }),
  };
  static override flags = { yes: yesFlag, 'dry-run': dryRunFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(GroupDelete);
    const cluster = await this.openCluster(flags['dry-run'] ? 'read' : 'existing');
    const names = args.group ?? [await this.chooseGroup(undefined, cluster)];
    const described = await cluster.groups.describe(names, this.io.now());
    const doomed = described.map((group) => ({
      ...group,
      members: group.members.length,
      partitions: group.partitions.length,
    }));
    if (flags['dry-run']) {
      await this.answer(doomed.map(groupDocument), () => groupListPage(doomed, this.io));
      return this.say('nothing was changed');
    }
    if (!(await this.confirm(deleteGroupsQuestion(described), flags.yes))) return;
    await cluster.groups.delete(doomed.map(({ name }) => name));
    if (this.jsonEnabled()) return this.answer(doomed.map(groupDocument), () => '');
    for (const group of described) this.say(deletedGroupLine(group));
  }
}
