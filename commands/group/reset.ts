import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { yesFlag } from '../../src/cli/flags.ts';
import { dryRunOffsetsFlag, topicScopeFlag } from '../../src/cli/group/flags.ts';
import { offsetScopes } from '../../src/cli/group/offset-scope.ts';
import { offsetTarget, TARGETS } from '../../src/cli/group/offset-target.ts';
import { OffsetsCommand } from '../../src/cli/group/offsets-command.ts';

export default class GroupReset extends OffsetsCommand {
  static override summary = 'lets a group go on reading elsewhere: replay, skip, copy';
  static override description =
    'The group must have no members meanwhile; one that does not exist is made. What would change is shown first, and all of it ' +
    'happens at once or nothing.';
  static override examples = [
    {
      description: 'the last hour once more, after asking',
      command: 'beck group reset billing --topic orders --to @-1h',
    },
    {
      description: 'past one record that cannot be handled',
      command: 'beck group reset billing --topic orders:0 --shift 1 --yes',
    },
    { description: 'where another group is', command: 'beck group reset trial --to-group billing --dry-run' },
  ];
  static override args = {
    group: Args.string({ ignoreStdin: true, description: 'the name of a group, which may be new' }),
  };
  static override flags = {
    to: Flags.string({
      helpValue: 'POS',
      helpGroup: 'WHERE TO',
      exactlyOne: TARGETS,
      summary: 'start, end, an offset, -N before the end, +N after the start, or @TIME (@-1h is an hour back)',
    }),
    shift: Flags.string({
      helpValue: '±N',
      helpGroup: 'WHERE TO',
      summary: 'so many offsets on, or back, from what is committed',
    }),
    'to-group': Flags.string({ helpValue: 'GROUP', helpGroup: 'WHERE TO', summary: 'where this group is' }),
    'from-file': Flags.string({ helpValue: 'FILE', helpGroup: 'WHERE TO', summary: 'what `beck group export` wrote' }),
    topic: topicScopeFlag,
    'all-topics': Flags.boolean({ exclusive: ['topic'], summary: 'every topic that the group has offsets of' }),
    yes: yesFlag,
    'dry-run': dryRunOffsetsFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(GroupReset);
    const isWhole = flags['to-group'] !== undefined || flags['from-file'] !== undefined;
    if (flags.topic === undefined && !flags['all-topics'] && !isWhole)
      throw this.usage('which topics is missing', '--topic TOPIC names one, --all-topics means all it has offsets of');
    const scope = flags.topic === undefined ? null : offsetScopes(flags.topic);
    const to = await offsetTarget(flags, this.io);
    const cluster = await this.openCluster(flags['dry-run'] ? 'read' : 'existing');
    const group = await this.chooseGroup(args.group, cluster);
    const options = { yes: flags.yes, dryRun: flags['dry-run'], onlyOverwriting: false };
    await this.carryOut(cluster, { group, scope, to }, options);
  }
}
