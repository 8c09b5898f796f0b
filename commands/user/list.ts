import { BeckCommand } from '../../src/cli/base-command.ts';
import { userDocument, userListPage } from '../../src/cli/pages/user-list.ts';

export default class UserList extends BeckCommand {
  static override summary = 'shows who may come in by SASL';
  static override examples = [
    { description: 'all of them', command: 'beck user list' },
    {
      description: 'how often their passwords are hashed',
      command: "beck user list --json | jq '.[].credentials[].iterations'",
    },
    { description: 'the names alone', command: "beck user list --json | jq -r '.[].user'" },
  ];

  override async run(): Promise<void> {
    await this.parse(UserList);
    const cluster = await this.openCluster('read');
    const users = await cluster.users.list();
    await this.answer(users.map(userDocument), () => userListPage(users, this.io));
    if (users.length === 0) this.say('no users yet; `beck user add NAME` makes one');
  }
}
