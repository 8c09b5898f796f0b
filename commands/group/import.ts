import * as Args from '@oclif/core/args';
import { yesFlag } from '../../src/cli/flags.ts';
import { dryRunOffsetsFlag } from '../../src/cli/group/flags.ts';
import { offsetTarget } from '../../src/cli/group/offset-target.ts';
import { OffsetsCommand } from '../../src/cli/group/offsets-command.ts';

export default class GroupImport extends OffsetsCommand {
  static override summary = 'sets the offsets of a group as a file says, all of them or none';
  static override description =
    'The topics must be there. It asks only where the group has offsets already that would be lost; the group must have no ' +
    'members meanwhile.';
  static override examples = [
    { description: 'what `beck group export` wrote', command: 'beck group import billing offsets.json' },
    { description: 'under another name', command: 'beck group export billing | beck group import trial -' },
    { description: 'in a script', command: 'beck group import billing offsets.json --yes' },
  ];
  static override args = {
    group: Args.string({ required: true, ignoreStdin: true, description: 'the name of a group, which may be new' }),
    file: Args.string({ required: true, ignoreStdin: true, description: 'the file; - is stdin' }),
  };
  static override flags = { yes: yesFlag, 'dry-run': dryRunOffsetsFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(GroupImport);
    const to = await offsetTarget({ 'from-file': args.file }, this.io);
    const cluster = await this.openCluster(flags['dry-run'] ? 'read' : 'existing');
    const options = { yes: flags.yes, dryRun: flags['dry-run'], onlyOverwriting: true };
    await this.carryOut(cluster, { group: args.group, scope: null, to }, options);
  }
}
