/** Every command by its words, in the order in which help lists them. A test compares the rows to the files. */
import type { CommandTable } from '../src/cli/frame.ts';

export const COMMANDS: CommandTable = {
  init: () => import('../commands/init.ts'),
  'topic create': () => import('../commands/topic/create.ts'),
  'topic list': () => import('../commands/topic/list.ts'),
  'topic describe': () => import('../commands/topic/describe.ts'),
  'topic alter': () => import('../commands/topic/alter.ts'),
  'topic delete': () => import('../commands/topic/delete.ts'),
  'topic trim': () => import('../commands/topic/trim.ts'),
  produce: () => import('../commands/produce.ts'),
  consume: () => import('../commands/consume.ts'),
  'group list': () => import('../commands/group/list.ts'),
  'group describe': () => import('../commands/group/describe.ts'),
  'group lag': () => import('../commands/group/lag.ts'),
  'group reset': () => import('../commands/group/reset.ts'),
  'group delete': () => import('../commands/group/delete.ts'),
  'group delete-offsets': () => import('../commands/group/delete-offsets.ts'),
  'group export': () => import('../commands/group/export.ts'),
  'group import': () => import('../commands/group/import.ts'),
  'retention run': () => import('../commands/retention/run.ts'),
  status: () => import('../commands/status.ts'),
  check: () => import('../commands/check.ts'),
  snapshot: () => import('../commands/snapshot.ts'),
  'log dump': () => import('../commands/log/dump.ts'),
  bench: () => import('../commands/bench.ts'),
  completion: () => import('../commands/completion.ts'),
};
