import * as Args from '@oclif/core/args';
import { BeckCommand } from '../src/cli/base-command.ts';
import { initPage } from '../src/cli/pages/status.ts';

export default class Init extends BeckCommand {
  static override summary = 'makes a .beck/ folder, so that a project has a log of its own';
  static override examples = [
    { description: 'for the project in this folder', command: 'beck init' },
    { description: 'for another one', command: 'beck init ~/src/shop' },
    { description: 'which data is used here', command: 'beck status' },
  ];
  static override args = {
    dir: Args.string({
      ignoreStdin: true,
      default: '.',
      description: 'the folder of the project; this one by default',
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Init);
    for (const name of ['data-dir', 'broker'] as const)
      if (flags[name] !== undefined)
        throw this.usage(`--${name} does not go with init`, '`beck init DIR` makes DIR/.beck');
    const { cwd, env } = this.io;
    const { initProject } = await import('../src/client/init-project.ts');
    const project = await initProject(args.dir, {
      cwd,
      env,
      signal: this.signal,
      allowUnsafeFs: flags['allow-unsafe-fs'],
    });
    if (this.jsonEnabled()) return this.answer(project, () => '');
    this.say(initPage(project, this.io));
    const stronger = ['BECK_BROKER', 'BECK_DATA_DIR'].find((name) => env[name]);
    if (stronger !== undefined) this.warn(`${stronger} is set, and counts for more than any .beck/: ${env[stronger]}`);
  }
}
