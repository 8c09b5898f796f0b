/** The shells, one row each. */
import { type CompletedCommand, completedCommands } from './completion.ts';
import { bashScript } from './completion-bash.ts';
import { fishScript } from './completion-fish.ts';
import { zshScript } from './completion-zsh.ts';
import type { CommandTable } from './frame.ts';

const SCRIPTS: Readonly<Record<string, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** The completion script for a shell of the table. */
export async function scriptFor(shell: string, commands: CommandTable): Promise<string> {
  const script = SCRIPTS[shell];
  if (!script) throw new RangeError(`no script for ${shell}`);
  return script(await completedCommands(commands));
}
