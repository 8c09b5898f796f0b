import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../src/cli/base-command.ts';

export default class Serve extends BeckCommand {
  static override summary = 'a Kafka broker on this data directory, for clients in any language';
  static override examples = [
    { description: 'on the port that Kafka has', command: 'beck serve --listen 127.0.0.1:9092' },
  ];
  static override interruptedExit = 0 as const;
  static override flags = {
    listen: Flags.string({ multiple: true, helpValue: 'HOST:PORT', summary: 'listen on TCP; port 0 is any free one' }),
    verbose: Flags.boolean({ summary: 'say who comes, and what is refused' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(Serve);
    const { Server } = await import('../src/server/server.ts');
    const listen = (flags.listen ?? []).map((text) => {
      const at = text.lastIndexOf(':');
      return { host: text.slice(0, at), port: Number(text.slice(at + 1)) };
    });
    const server = await Server.start({
      dataDir: flags['data-dir'],
      allowUnsafeFs: flags['allow-unsafe-fs'],
      cwd: this.io.cwd,
      env: this.io.env,
      listen,
      settings: { autoCreateTopics: true, numPartitions: 1 },
      log: {
        warn: (line) => void this.warn(line),
        note: (line) => void (flags.verbose && this.warn(line)),
      },
    });
    await this.io.stdout.write(`${JSON.stringify({ event: 'ready', ports: server.ports })}\n`);
    await new Promise((resolve) => this.signal.addEventListener('abort', resolve, { once: true }));
    await server.stop();
  }
}
