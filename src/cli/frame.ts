/** What the outermost frame (`bin/main.ts`) gives to the command it runs. */
import type { BeckCommand } from './base-command.ts';
import type { Io } from './io.ts';

export interface Frame {
  /** The words that name the command, without `beck`: `topic create`. */
  readonly id: string;
  readonly version: string;
  readonly io: Io;
  /** Aborts at the first Ctrl-C. */
  readonly interrupt: AbortSignal;
  /** As `Interrupts.cede`, for a command that passes signals on to another program; absent where no signals come. */
  readonly cedeInterrupts?: (() => () => void) | undefined;
  readonly commands: CommandTable;
}

export type CommandClass = Omit<typeof BeckCommand, 'prototype'> & (new (argv: string[], frame: Frame) => BeckCommand);

/** Every command by its words. A module is loaded when its command is run or explained, not before. */
export type CommandTable = Readonly<Record<string, () => Promise<{ readonly default: CommandClass }>>>;

/** Loads the command of a name that is in the table. */
export function commandNamed(
  name: string,
  { commands }: Pick<Frame, 'commands'>,
): Promise<{ readonly default: CommandClass }> {
  const load = commands[name];
  if (!load) throw new RangeError(`no command is named '${name}'`);
  return load();
}
