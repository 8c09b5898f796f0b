import type { Cluster, OffsetQuestion, PlannedOffset } from '../../client/cluster.ts';
import { BeckCommand } from '../base-command.ts';
import { changedRows, noteLines, plannedDocument, planPage, setLine, setQuestion } from '../pages/offset-plan.ts';

export interface SettingOptions {
  readonly yes: boolean;
  readonly dryRun: boolean;
  /** Ask only when an offset is lost by it. */
  readonly onlyOverwriting: boolean;
}

/** The base of commands that set a group's offsets: first the plan, then a question, then all of it at once. */
export abstract class OffsetsCommand extends BeckCommand {
  protected async carryOut(cluster: Cluster, question: OffsetQuestion, options: SettingOptions): Promise<void> {
    const { group } = question;
    const plan = await cluster.groups.planOffsets(question);
    if (!this.jsonEnabled()) await this.answer(plan, () => planPage(plan, this.io));
    for (const line of noteLines(plan)) this.warn(line);
    if (options.dryRun) {
      if (this.jsonEnabled()) await this.answer(plan.map(plannedDocument), () => '');
      return this.say('nothing was changed');
    }
    if (!(await this.confirm(setQuestion(group, plan), options.yes || isHarmless(plan, options)))) return;
    await cluster.groups.setOffsets(group, plan);
    if (this.jsonEnabled()) return this.answer(plan.map(plannedDocument), () => '');
    this.say(setLine(group, plan));
  }
}

function isHarmless(plan: readonly PlannedOffset[], { onlyOverwriting }: SettingOptions): boolean {
  const changed = changedRows(plan);
  return changed.length === 0 || (onlyOverwriting && changed.every(({ before }) => before === null));
}
