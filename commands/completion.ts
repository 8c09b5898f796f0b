import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../src/cli/base-command.ts';
import { hiddenGlobalFlags } from '../src/cli/flags.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export default class Completion extends BeckCommand {
  static override summary = 'lets the shell complete commands, flags, values and the names of topics';
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
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Completion);
    if (flags.topics) return this.printTopics();
    if (args.shell === undefined) throw this.usage(`which shell is missing: ${SHELLS.join(', ')}`);
    const { scriptFor } = await import('../src/cli/completion-script.ts');
    await this.io.stdout.write(await scriptFor(args.shell, this.commands));
  }

  /** Somebody is typing: what cannot be told is left out without a word. */
  private async printTopics(): Promise<void> {
    try {
      const cluster = await this.openCluster('read');
      const topics = await cluster.listTopics();
      await this.io.stdout.write(topics.map(({ name }) => `${name}\n`).join(''));
    } catch {
      this.exitCode = 0;
    }
  }
}
