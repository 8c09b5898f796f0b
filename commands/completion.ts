import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../src/cli/base-command.ts';
import { hiddenGlobalFlags } from '../src/cli/flags.ts';
import type { Cluster } from '../src/client/cluster.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export default class Completion extends BeckCommand {
  static override summary =
    'lets the shell complete commands, flags, values and the names of topics, groups and transactions';
  static override examples = [
    { description: 'in this bash, and from ~/.bashrc in every one', command: 'source <(beck completion bash)' },
    { description: 'in this zsh, and from ~/.zshrc in every one', command: 'source <(beck completion zsh)' },
    { description: 'in this fish, and from config.fish in every one', command: 'beck completion fish | source' },
  ];
  static override baseFlags = hiddenGlobalFlags;
  static override args = {
    shell: Args.string({ ignoreStdin: true, options: [...SHELLS], description: 'the shell that will read the script' }),
  };
  static override flags = {
    topics: Flags.boolean({ hidden: true, summary: 'print the names of topics, for the scripts' }),
    groups: Flags.boolean({ hidden: true, summary: 'print the names of groups, for the scripts' }),
    transactions: Flags.boolean({ hidden: true, summary: 'print the names of transactions, for the scripts' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Completion);
    if (flags.topics) return this.printNames((cluster) => cluster.listTopics());
    if (flags.groups) return this.printNames((cluster) => cluster.groups.list());
    if (flags.transactions) {
      return this.printNames(async (cluster) =>
        (await cluster.transactions.list()).map(({ transactionalId: name }) => ({ name })),
      );
    }
    if (args.shell === undefined) throw this.usage(`which shell is missing: ${SHELLS.join(', ')}`);
    const { scriptFor } = await import('../src/cli/completion-script.ts');
    await this.io.stdout.write(await scriptFor(args.shell, this.commands));
  }

  /** Somebody is typing: what cannot be told is left out without a word. */
  private async printNames(list: (cluster: Cluster) => Promise<readonly { readonly name: string }[]>): Promise<void> {
    try {
      const named = await list(await this.openCluster('read'));
      await this.io.stdout.write(named.map(({ name }) => `${name}\n`).join(''));
    } catch {
      this.exitCode = 0;
    }
  }
}
