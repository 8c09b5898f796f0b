import { BeckCommand } from '../src/cli/base-command.ts';
import { statusDocument, statusPage } from '../src/cli/pages/status.ts';

export default class StatusCommand extends BeckCommand {
  static override summary = 'shows where the data is and how much there is of it';
  static override examples = [
    { description: 'of the data that would be used here', command: 'beck status' },
    { description: 'of another folder', command: 'beck status --data-dir ./.beck' },
    { description: 'how many bytes it takes on the disk', command: 'beck status --json | jq .diskSize' },
  ];

  override async run(): Promise<void> {
    await this.parse(StatusCommand);
    const cluster = await this.openCluster('read');
    const status = await cluster.status();
    await this.answer(statusDocument(status), () => statusPage(status, this.io));
  }
}
