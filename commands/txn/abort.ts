import * as Args from '@oclif/core/args';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { dryRunFlag, yesFlag } from '../../src/cli/flags.ts';
import { abortedLine, abortQuestion } from '../../src/cli/pages/txn-lines.ts';
import { transactionDocument, transactionListPage } from '../../src/cli/pages/txn-list.ts';

export default class TxnAbort extends BeckCommand {
  static override summary = 'ends transactions that are open, so that nothing of them is ever seen';
  static override description = 'Whoever has one open can write nothing more in it, and is told so.';
  static override examples = [
    { description: 'one that hangs, after asking', command: 'beck txn abort nightly-import' },
    { description: 'what would go', command: 'beck txn abort nightly-import --dry-run' },
    { description: 'in a script', command: 'beck txn abort nightly-import --yes' },
  ];
  static override args = {
    transaction: Args.string({ multiple: true, ignoreStdin: true, description: 'names of transactions' }),
  };
  static override flags = { yes: yesFlag, 'dry-run': dryRunFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(TxnAbort);
    const cluster = await this.openCluster(flags['dry-run'] ? 'read' : 'existing');
    const names = args.transaction ?? [await this.chooseTransaction(undefined, cluster)];
    const doomed = await cluster.transactions.planAbort(names);
    const documents = doomed.map(transactionDocument);
    if (flags['dry-run']) {
      await this.answer(documents, () => transactionListPage(doomed, this.io));
      return this.say('nothing was changed');
    }
    if (!(await this.confirm(abortQuestion(doomed), flags.yes))) return;
    const aborted = await cluster.transactions.abort(names);
    if (this.jsonEnabled()) return this.answer(aborted.map(transactionDocument), () => '');
    for (const listing of aborted) this.say(abortedLine(listing));
  }
}
