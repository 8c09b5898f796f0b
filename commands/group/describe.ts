import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { watchGroups } from '../../src/cli/group/watch.ts';
import { groupDescriptionDocument, groupPage } from '../../src/cli/pages/group-describe.ts';

export default class GroupDescribe extends BeckCommand {
  static override summary = 'shows who reads what in a group, how far behind it is, and who went';
  static override examples = [
    { description: 'one group', command: 'beck group describe billing' },
    { description: 'with its members, as it changes', command: 'beck group describe billing --members --watch' },
    {
      description: 'what nobody reads',
      command: "beck group describe --all --json | jq '.[].partitionList[] | select(.member == null)'",
    },
  ];
  static override args = {
    group: Args.string({ multiple: true, ignoreStdin: true, description: 'names of groups' }),
  };
  static override flags = {
    all: Flags.boolean({ char: 'a', summary: 'all groups' }),
    members: Flags.boolean({ char: 'm', summary: 'the members too: since when, heard when, with what' }),
    watch: Flags.boolean({
      char: 'w',
      summary: 'go on: drawn again in place on a terminal, a line a change elsewhere',
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(GroupDescribe);
    if (flags.all && args.group !== undefined) throw this.usage('--all and names of groups exclude each other');
    const cluster = await this.openCluster('read');
    const names = flags.all ? null : (args.group ?? [await this.chooseGroup(undefined, cluster)]);
    const options = { members: flags.members, names, json: this.jsonEnabled() };
    if (flags.watch) return watchGroups(cluster.groups, this.io, { ...options, signal: this.whileRead() });
    const groups = await cluster.groups.describe(names, this.io.now());
    const document = options.json ? groups.map(groupDescriptionDocument) : undefined;
    await this.answer(document, () => groupPage(groups, options, this.io));
  }
}
