/** Flags that more than one command has, and makers of flags that keep clear of oclif's traps. */
import * as Flags from '@oclif/core/flags';

const GLOBAL = 'GLOBAL';

/** On every command that opens a broker. */
export const globalFlags = {
  broker: Flags.string({
    helpGroup: GLOBAL,
    helpValue: 'unix:PATH',
    summary: 'the socket of a `beck serve`, instead of BECK_BROKER or the data directory itself',
  }),
  'data-dir': Flags.string({
    helpGroup: GLOBAL,
    helpValue: 'DIR',
    summary: 'the folder of the log, instead of BECK_DATA_DIR, a .beck/ above or your own',
  }),
  'allow-unsafe-fs': Flags.boolean({
    helpGroup: GLOBAL,
    summary: 'use a network or virtual file system, from one process at a time',
  }),
  json: Flags.boolean({ helpGroup: GLOBAL, summary: 'print one JSON document' }),
};

/** The same, on commands whose output is records. */
export const recordGlobalFlags = {
  ...globalFlags,
  json: Flags.boolean({ helpGroup: GLOBAL, summary: 'as -o jsonl; errors are JSON too, on stderr' }),
};

/** `--yes` of commands that destroy; see `BeckCommand.confirm`. */
export const yesFlag = Flags.boolean({ char: 'y', summary: 'do not ask' });

/** `--dry-run` of commands that can show what they would do. */
export const dryRunFlag = Flags.boolean({ summary: 'show exactly what would go, and change nothing' });

/** For commands whose help would only be longer by them. */
export const hiddenGlobalFlags: typeof globalFlags = {
  broker: { ...globalFlags.broker, hidden: true },
  'data-dir': { ...globalFlags['data-dir'], hidden: true },
  'allow-unsafe-fs': { ...globalFlags['allow-unsafe-fs'], hidden: true },
  json: { ...globalFlags.json, hidden: true },
};
