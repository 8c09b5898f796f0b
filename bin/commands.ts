/** Every command by its words, in the order in which help lists them. A test compares the rows to the files. */
import type { CommandTable } from '../src/cli/frame.ts';

export const COMMANDS: CommandTable = {
  completion: () => import('../commands/completion.ts'),
};
