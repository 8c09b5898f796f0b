import * as Args from '@oclif/core/args';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { yesFlag } from '../../src/cli/flags.ts';
import { deleteUsersQuestion, userDocument } from '../../src/cli/pages/user-list.ts';

export default class UserDelete extends BeckCommand {
  static override summary = 'takes users away, all of them or none';
  static override description = 'Clients that are in already stay until they leave.';
  static override examples = [
    { description: 'one user, after asking', command: 'beck user delete alice' },
    { description: 'in a script', command: 'beck user delete alice --yes' },
    { description: 'all of them', command: "beck user list --json | jq -r '.[].user' | xargs beck user delete --yes" },
  ];
  static override args = {
    name: Args.string({ required: true, multiple: true, ignoreStdin: true, description: 'names of users' }),
  };
  static override flags = { yes: yesFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(UserDelete);
    const cluster = await this.openCluster('existing');
    const doomed = await cluster.users.describe(args.name);
    if (!(await this.confirm(deleteUsersQuestion(doomed), flags.yes))) return;
    await cluster.users.delete(args.name);
    if (this.jsonEnabled()) return this.answer(doomed.map(userDocument), () => '');
    for (const { name } of doomed) this.say(`${name} was deleted`);
  }
}
