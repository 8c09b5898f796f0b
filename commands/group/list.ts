import { BeckCommand } from '../../src/cli/base-command.ts';
import { groupDocument, groupListPage } from '../../src/cli/pages/group-list.ts';

export default class GroupList extends BeckCommand {
  static override summary = 'shows which groups there are, and how far behind they are';
  static override examples = [
    { description: 'all of them', command: 'beck group list' },
    { description: 'the names alone', command: "beck group list --json | jq -r '.[].group'" },
    { description: 'those that are behind', command: "beck group list --json | jq '.[] | select(.lag > 0)'" },
  ];

  override async run(): Promise<void> {
    await this.parse(GroupList);
    const cluster = await this.openCluster('read');
    const groups = await cluster.groups.list();
    await this.answer(groups.map(groupDocument), () => groupListPage(groups, this.io));
    if (groups.length === 0) this.say('no groups yet; `beck consume TOPIC -g GROUP` makes one');
  }
}
