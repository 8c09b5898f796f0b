import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { transactionDescriptionDocument, transactionPage } from '../../src/cli/pages/txn-describe.ts';

export default class TxnDescribe extends BeckCommand {
  static override summary = 'shows what a transaction has open, whose it is, and how to end it';
  static override examples = [
    { description: 'one transaction', command: 'beck txn describe nightly-import' },
    { description: 'all of them', command: 'beck txn describe --all' },
    {
      description: 'who holds a topic back',
      command: `beck txn describe --all --json | jq '.[] | select(any(.partitionList[]; .topic == "views")).transaction'`,
    },
  ];
  static override args = {
    transaction: Args.string({ multiple: true, ignoreStdin: true, description: 'names of transactions' }),
  };
  static override flags = { all: Flags.boolean({ char: 'a', summary: 'all transactions' }) };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(TxnDescribe);
    if (flags.all && args.transaction !== undefined)
      throw this.usage('--all and names of transactions exclude each other');
    const cluster = await this.openCluster('read');
    const names = flags.all ? null : (args.transaction ?? [await this.chooseTransaction(undefined, cluster)]);
    const transactions = await cluster.transactions.describe(names);
    await this.answer(transactions.map(transactionDescriptionDocument), () => transactionPage(transactions, this.io));
  }
}
