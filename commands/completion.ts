import * as Args from '@oclif/core/args';
import { BeckCommand } from '../src/cli/base-command.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export default class Completion extends BeckCommand {
  static override summary = 'lets the shell complete commands, flags, values and the names of topics';
  static override examples = [
    { description: 'for this bash', command: 'source <(beck completion bash)' },
    { description: 'for every zsh to come', command: 'beck completion zsh > "${fpath[1]}/_beck"' },
    { description: 'for every fish to come', command: 'beck completion fish > ~/.config/fish/completions/beck.fish' },
  ];
  static override args = {
    shell: Args.string({ required: true, ignoreStdin: true, options: [...SHELLS], description: SHELLS.join(', ') }),
  };

  override async run(): Promise<void> {
    const { args } = await this.parse(Completion);
    await this.io.stdout.write(`${args.shell}\n`);
  }
}
