/** Questions on a terminal. They are asked on stderr, so that stdout stays data; inquirer is loaded at the first one. */
import { BrokerError } from '../errors.ts';
import type { Prompter } from './io.ts';

export const terminalPrompter: Prompter = {
  confirm: (question, signal) =>
    ask(async () => {
      const { confirm } = await import('./inquirer.ts');
      return confirm({ message: question, default: false }, { output: process.stderr, signal });
    }),
  choose: (question, choices, signal) =>
    ask(async () => {
      const { select } = await import('./inquirer.ts');
      const rows = choices.map((value) => ({ value }));
      return select({ message: question, choices: rows }, { output: process.stderr, signal });
    }),
  password: (question, signal) =>
    ask(async () => {
      const { password } = await import('./inquirer.ts');
      return password({ message: question, mask: '*' }, { output: process.stderr, signal });
    }),
};

/** inquirer throws errors of its own when a person presses Ctrl-C or the signal aborts. */
async function ask<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    const name = (error as Error).name;
    if (name === 'ExitPromptError' || name === 'AbortPromptError')
      throw new BrokerError('INTERRUPTED', {}, { cause: error });
    throw error;
  }
}
