import * as Args from '@oclif/core/args';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { topicScopeFlag } from '../../src/cli/group/flags.ts';
import { offsetScopes } from '../../src/cli/group/offset-scope.ts';
import { offsetsText } from '../../src/cli/group/offsets-file.ts';
import { writeNewFile } from '../../src/cli/group/write-new-file.ts';
import { count } from '../../src/cli/units.ts';

export default class GroupExport extends BeckCommand {
  static override summary = 'prints the offsets of a group as JSON, for `beck group import`';
  static override examples = [
    { description: 'into a file', command: 'beck group export billing billing.json' },
    { description: 'one topic, to stdout', command: 'beck group export billing --topic orders' },
    {
      description: 'a group that begins where another one is',
      command: 'beck group export billing | beck group import trial -',
    },
  ];
  static override args = {
    group: Args.string({ ignoreStdin: true, description: 'the name of a group' }),
    file: Args.string({ ignoreStdin: true, description: 'the file to make; it must not exist' }),
  };
  static override flags = { topic: topicScopeFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(GroupExport);
    const scope = flags.topic === undefined ? null : offsetScopes(flags.topic);
    const cluster = await this.openCluster('read');
    const group = await this.chooseGroup(args.group, cluster);
    const offsets = await cluster.groups.committedOffsets(group, scope);
    const document = { group, offsets };
    if (args.file === undefined) return this.answer(document, () => offsetsText(document));
    await writeNewFile(args.file, offsetsText(document), this.io);
    if (this.jsonEnabled()) return this.answer({ group, file: args.file, offsets: offsets.length }, () => '');
    this.say(`${args.file}: ${count(offsets.length, 'offset')} of ${group}`);
  }
}
