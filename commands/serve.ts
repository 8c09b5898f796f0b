import { BeckCommand } from '../src/cli/base-command.ts';
import { splitCommand } from '../src/cli/command/command-line.ts';
import { requireProgram } from '../src/cli/command/find-program.ts';
import { serveFlags } from '../src/cli/serve/flags.ts';
import { servingOf } from '../src/cli/serve/serving.ts';

export default class Serve extends BeckCommand {
  static override summary = 'a Kafka broker on this data directory, for clients in any language';
  static override description =
    'Other processes go on using the data directory meanwhile. Once clients are answered, a line of JSON on stdout says where. COMMAND finds that in KAFKA_BOOTSTRAP_SERVERS, KAFKA_BROKERS and BECK_BROKER; it gets the signals, its exit code is ours, and the server ends with it. Without --listen there is a Unix socket, and TCP for COMMAND alone. Other addresses than the loopback want SASL_SSL, or SSL with certificates of clients, or --insecure.';
  static override examples = [
    { description: 'on the port that Kafka has', command: 'beck serve --listen 127.0.0.1:9092' },
    {
      description: 'for other machines, with the users of `beck user add`',
      command: 'beck serve --listen SASL_SSL://0.0.0.0:9093 --tls-cert server.pem --tls-key server.key',
    },
    {
      description: 'a broker of its own for one command',
      command: `beck serve --ephemeral -- sh -c 'echo $KAFKA_BOOTSTRAP_SERVERS'`,
    },
    {
      description: 'what looks like three brokers, to try clients on',
      command: 'beck serve --ephemeral --nodes 3 --listen 127.0.0.1:0',
    },
  ];
  static override usage = '[--listen [PROTOCOL://]HOST:PORT]... [flags] [-- COMMAND...]';
  static override interruptedExit = 0 as const;
  static override flags = serveFlags;

  override async run(): Promise<void> {
    const { words, command } = splitCommand(this.argv);
    const { flags } = await this.parse(Serve, words);
    const { runServe } = await import('../src/cli/serve/run-serve.ts');
    if (flags.broker !== undefined)
      throw this.usage('--broker does not go with serve', '`beck serve` is the broker; --socket says where it answers');
    const { env, cwd } = this.io;
    if (command.length > 0) requireProgram({ words: command, env, cwd });
    const log = {
      warn: (line: string) => void this.warn(line),
      note: (line: string) => void (flags.verbose && this.warn(line)),
      isVerbose: flags.verbose,
    };
    this.exitCode = await runServe({
      ...servingOf(flags, command, { io: this.io, log }),
      io: this.io,
      wantsJson: this.jsonEnabled(),
      interrupt: this.signal,
      cedeInterrupts: this.cedeInterrupts,
    });
  }
}
