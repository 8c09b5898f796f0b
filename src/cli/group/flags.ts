/** Flags that more than one command of groups has. */
import * as Flags from '@oclif/core/flags';

/** `--topic T`, `--topic T:P`, as often as wanted; `offsetScopes` reads it. */
export const topicScopeFlag = Flags.string({
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'TOPIC[:PARTITION]',
  summary: 'this topic, or this partition of it; as often as wanted',
});

/** `--dry-run` of commands that set offsets. */
export const dryRunOffsetsFlag = Flags.boolean({ summary: 'show the plan, and change nothing' });
