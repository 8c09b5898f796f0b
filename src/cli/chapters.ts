/** The order in which help speaks of the commands, and what it shows first. Rows of commands that do not exist are left out. */

export interface Chapter {
  readonly title: string;
  readonly commands: readonly string[];
}

export const CHAPTERS: readonly Chapter[] = [
  {
    title: 'Topics',
    commands: ['topic create', 'topic list', 'topic describe', 'topic alter', 'topic delete', 'topic trim'],
  },
  { title: 'Records', commands: ['produce', 'consume', 'pipe'] },
  {
    title: 'Groups',
    commands: [
      'group list',
      'group describe',
      'group lag',
      'group reset',
      'group delete',
      'group delete-offsets',
      'group export',
      'group import',
    ],
  },
  { title: 'Transactions', commands: ['txn list', 'txn describe', 'txn abort'] },
  {
    title: 'Upkeep',
    commands: ['retention run', 'status', 'check', 'snapshot', 'log dump', 'init', 'bench', 'completion'],
  },
  { title: 'Server', commands: ['serve', 'user add', 'user list', 'user delete'] },
];

export interface FirstStep {
  /** The command it shows. */
  readonly of: string;
  readonly command: string;
  readonly says: string;
}

export const FIRST_STEPS: readonly FirstStep[] = [
  { of: 'topic create', command: 'beck topic create orders -p 3', says: 'a topic with three partitions' },
  { of: 'produce', command: `echo '{"id":1}' | beck produce orders -k alice`, says: 'one record, keyed' },
  { of: 'consume', command: 'beck consume orders', says: 'read it all, and stop' },
  { of: 'consume', command: 'beck consume orders -f', says: 'follow it, like tail -f' },
  { of: 'serve', command: 'beck serve -- npm test', says: 'a broker for one command' },
];

/** What `beck topic` says of itself, by its first word. */
export const GROUPS: Readonly<Record<string, string>> = {
  topic: 'Topics are named logs: make them, look at them, change how long they keep, take them away.',
  group: 'Groups remember how far they have read and share the work among their members.',
  txn: 'Transactions that are open, and those that hang.',
  user: 'Users may come in where `beck serve` asks who one is (SASL).',
  retention: 'Retention lets go of records that a topic need not keep any longer.',
  log: 'The log as it lies on the disk, for those who want to see it.',
};
