import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { parseDuration } from '../../src/cli/durations.ts';
import { judgeNow, lagLine, waitForLag } from '../../src/cli/group/lag.ts';

export default class GroupLag extends BeckCommand {
  static override summary = 'says how far behind a group is; exit 1 when that is too far';
  static override description =
    'Without a limit any lag is too much. Exit codes: 0 within the limits, 1 over one of them, 3 no such group, 124 still over it ' +
    'when --timeout has passed.';
  static override examples = [
    { description: 'has it read everything?', command: 'beck group lag billing' },
    {
      description: 'an alarm: a thousand behind, or a minute',
      command: 'beck group lag billing --max-lag 1000 --max-age 1m || echo alarm',
    },
    { description: 'wait until it has, at most ten seconds', command: 'beck group lag billing --wait --timeout 10s' },
  ];
  static override args = {
    group: Args.string({ ignoreStdin: true, description: 'the name of a group' }),
  };
  static override flags = {
    'max-lag': Flags.integer({ helpValue: 'N', min: 0, summary: 'so many offsets over all partitions are fine' }),
    'max-age': Flags.string({ helpValue: 'D', summary: 'a record may wait for so long (30s, 5m)' }),
    wait: Flags.boolean({ summary: 'wait until it is within the limits' }),
    timeout: Flags.string({ helpValue: 'D', dependsOn: ['wait'], summary: 'wait no longer than this; exit 124' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(GroupLag);
    const maxAge = flags['max-age'] === undefined ? null : parseDuration(flags['max-age']);
    const limits = { maxLag: flags['max-lag'] ?? (maxAge === null ? 0 : null), maxAge };
    const timeout = flags.timeout === undefined ? null : parseDuration(flags.timeout);
    const cluster = await this.openCluster(flags.wait ? 'create' : 'read');
    const group = await this.chooseGroup(args.group, cluster);
    const question = { groups: cluster.groups, group, limits, now: this.io.now };
    const verdict = flags.wait
      ? await waitForLag(question, { timeout, signal: this.whileRead() })
      : await judgeNow(question);
    await this.answer(verdict, () => lagLine(verdict));
    if (!verdict.ok) this.exitCode = flags.wait ? 124 : 1;
  }
}
