import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../src/cli/base-command.ts';
import { checkDocument, checkPage, checkProblem, salvageDocument, salvagePage } from '../src/cli/pages/check.ts';
import { startProgress } from '../src/cli/progress.ts';
import type { Cluster } from '../src/client/cluster.ts';
import { BrokerError } from '../src/errors.ts';

export default class Check extends BeckCommand {
  static override summary = 'reads every byte once and says what is wrong with it';
  static override description =
    'Others go on reading and writing meanwhile, and nothing is changed. --salvage copies every batch that is whole into a new folder, under its own offsets, and lists those that are lost.';
  static override examples = [
    { description: 'is everything in order?', command: 'beck check' },
    { description: 'only the exit code, for a script', command: 'beck check >/dev/null && echo sound' },
    { description: 'what can be read of a damaged file, into a new folder', command: 'beck check --salvage rescued' },
  ];
  static override flags = {
    salvage: Flags.string({
      helpValue: 'DIR',
      summary: 'copy what can be read into this folder; it must not exist, or be empty',
    }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(Check);
    const cluster = await this.openCluster('inspect');
    await (flags.salvage === undefined ? this.#check(cluster) : this.#salvage(cluster, flags.salvage));
  }

  async #check(cluster: Cluster): Promise<void> {
    const progress = startProgress('checking', this.io);
    const report = await cluster.check(progress.update).finally(() => progress.done());
    await this.answer(checkDocument(report), () => checkPage(report, this.io));
    if (report.problems.length === 0) return;
    if (!this.jsonEnabled()) throw new BrokerError('CHECK_FAILED', { problem: checkProblem(report, this.io) });
    this.exitCode = 5;
  }

  async #salvage(cluster: Cluster, into: string): Promise<void> {
    const progress = startProgress('salvaging', this.io);
    const report = await cluster.salvage(into, progress.update).finally(() => progress.done());
    await this.answer(salvageDocument(report), () => salvagePage(report, this.io));
  }
}
