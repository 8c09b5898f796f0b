import { BeckCommand } from '../../src/cli/base-command.ts';
import { transactionDocument, transactionListPage } from '../../src/cli/pages/txn-list.ts';

export default class TxnList extends BeckCommand {
  static override summary = 'shows which transactions there are, those first that hold readers back';
  static override examples = [
    { description: 'all of them', command: 'beck txn list' },
    { description: 'those that are open', command: `beck txn list --json | jq '.[] | select(.state == "Ongoing")'` },
    {
      description: 'open for over a minute',
      command: `beck txn list --json | jq '.[] | select(.since < now*1000 - 60000)'`,
    },
  ];

  override async run(): Promise<void> {
    await this.parse(TxnList);
    const cluster = await this.openCluster('read');
    const listings = await cluster.transactions.list();
    await this.answer(listings.map(transactionDocument), () => transactionListPage(listings, this.io));
    if (listings.length === 0) this.say('no transactions; `beck produce TOPIC --txn` makes one while it runs');
  }
}
