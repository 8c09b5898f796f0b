/**
 * The base of every command. It is oclif's Command for what oclif does well (flags, arguments, the manifest); running,
 * printing, failing and ending are beck's own, because oclif's defaults break pipes and lose exit codes.
 */
import { Command } from '@oclif/core/command';
import type { Input, ParserOutput } from '@oclif/core/interfaces';
import type { Cluster } from '../client/cluster.ts';
import type { OpenMode } from '../client/open.ts';
import { BrokerError, type ExitCode } from '../errors.ts';
import { markDashedValues, readingMarks } from './dashed-values.ts';
import { globalFlags } from './flags.ts';
import type { CommandTable, Frame } from './frame.ts';
import { canAsk, type Io } from './io.ts';
import { reportError } from './report-error.ts';

// oclif's own types of what `parse` takes and gives; beck adds nothing to them.
type Bag = { [name: string]: unknown };

interface Globals {
  readonly broker: string | undefined;
  readonly 'data-dir': string | undefined;
  readonly 'allow-unsafe-fs': boolean;
}

export abstract class BeckCommand extends Command {
  static override baseFlags = globalFlags;
  /** Where `--json` prints an error: commands whose stdout is a stream of records keep it clean. */
  static jsonErrors: 'stdout' | 'stderr' = 'stdout';
  /** The exit code after a Ctrl-C that the command survived. `serve` stops cleanly and says 0. */
  static interruptedExit: ExitCode = 130;

  /** Set it to end with another code than 0 although nothing was thrown; where it is another program's it may be any. */
  protected exitCode: number = 0;
  protected readonly io: Io;
  /** Aborts at the first Ctrl-C: finish the record, commit, return. */
  protected readonly signal: AbortSignal;
  /** As `Frame.cedeInterrupts`. */
  protected readonly cedeInterrupts: NonNullable<Frame['cedeInterrupts']>;
  /** Every command there is, for those that speak of the others (completion). */
  protected readonly commands: CommandTable;
  #globals: Partial<Globals> = {};
  readonly #open: Cluster[] = [];

  constructor(argv: string[], frame: Frame) {
    super(argv, oclifConfig(frame));
    this.id = frame.id;
    this.io = frame.io;
    this.signal = frame.interrupt;
    this.cedeInterrupts = frame.cedeInterrupts ?? (() => () => undefined);
    this.commands = frame.commands;
  }

  /** Runs the command from its flags to its last byte. Never rejects; everything it opened is closed. */
  async execute(): Promise<number> {
    let code = await this.#attempt(() => this.run());
    for (const cluster of this.#open) {
      const closed = await this.#attempt(() => cluster.close());
      code ||= closed;
    }
    if (code === 0 && this.signal.aborted) return (this.constructor as typeof BeckCommand).interruptedExit;
    return code || this.exitCode;
  }

  /** Opens the broker of this run: a server's, or the data directory; it is closed when the command ends, however it ends. */
  protected async openCluster(mode: OpenMode): Promise<Cluster> {
    const { openCluster } = await import('../client/open.ts');
    const cluster = await openCluster({
      broker: this.#globals.broker,
      dataDir: this.#globals['data-dir'],
      allowUnsafeFs: this.#globals['allow-unsafe-fs'] ?? false,
      cwd: this.io.cwd,
      env: this.io.env,
      signal: this.signal,
      mode,
    });
    this.#open.push(cluster);
    return cluster;
  }

  /** The answer to the question: one JSON document under `--json`, else the page a person reads. */
  protected async answer(document: unknown, human: () => string | Promise<string>): Promise<void> {
    const page = this.jsonEnabled() ? JSON.stringify(document) : await human();
    await this.io.stdout.write(page.endsWith('\n') ? page : `${page}\n`);
  }

  /** A line for comfort: on stderr, and only when that is a terminal. */
  protected say(line: string): void {
    if (this.io.stderr.isTTY) this.#talk(line);
  }

  /** A line that must be seen: on stderr, always. */
  override warn(line: string | Error): string | Error {
    this.#talk(String(line));
    return line;
  }

  /** For followers: aborts at the first Ctrl-C, and when nobody reads stdout any more, even while nothing is written. */
  protected whileRead(): AbortSignal {
    this.io.stdout.watchReader();
    return AbortSignal.any([this.signal, this.io.stdout.gone]);
  }

  /**
   * Asks before something is destroyed. `yes` is the `--yes` flag. False means: the person said no, change nothing.
   * @throws USAGE where nobody can be asked
   */
  protected async confirm(question: string, yes: boolean): Promise<boolean> {
    if (yes) return true;
    if (!canAsk(this.io))
      throw this.usage('this destroys data and there is no terminal to ask on', '--yes says that you mean it');
    const agreed = await this.io.prompter.confirm(question, this.signal);
    if (!agreed) {
      this.say('nothing was changed');
      this.exitCode = 1;
    }
    return agreed;
  }

  /**
   * The topic that was named, or on a terminal the one that is chosen from the list.
   * @throws USAGE where nobody can be asked; UNKNOWN_TOPIC_OR_PARTITION when there is nothing to choose from
   */
  protected async chooseTopic(given: string | undefined, cluster: Cluster): Promise<string> {
    if (given !== undefined) return given;
    const names = () => cluster.listTopics();
    return this.#choose('topic', names, '`beck topic create NAME` makes one');
  }

  /** As `chooseTopic`, of a consumer group. Throws USAGE. */
  protected async chooseGroup(given: string | undefined, cluster: Cluster): Promise<string> {
    if (given !== undefined) return given;
    const names = () => cluster.groups.list();
    return this.#choose('group', names, '`beck consume TOPIC -g GROUP` makes one');
  }

  /** As `chooseTopic`, of a transaction. Throws USAGE. */
  protected async chooseTransaction(given: string | undefined, cluster: Cluster): Promise<string> {
    if (given !== undefined) return given;
    const names = async () => (await cluster.transactions.list()).map(({ transactionalId: name }) => ({ name }));
    return this.#choose('transaction', names, '`beck produce TOPIC --txn` makes one while it runs');
  }

  async #choose(
    what: string,
    list: () => Promise<readonly { readonly name: string }[]>,
    hint: string,
  ): Promise<string> {
    const missing = `${what.toUpperCase()} is missing`;
    if (!canAsk(this.io)) throw this.usage(missing);
    const names = (await list()).map(({ name }) => name);
    if (names.length === 0) throw this.usage(`${missing}, and there is none yet`, hint);
    return this.io.prompter.choose(`Which ${what}?`, names, this.signal);
  }

  /** A wrong use of this command, to be thrown. Without a hint it points to the help. */
  protected usage(problem: string, hint?: string): BrokerError {
    const details = { problem, command: `beck ${this.id}` };
    return new BrokerError('USAGE', hint === undefined ? details : { ...details, hint });
  }

  override jsonEnabled(): boolean {
    const end = this.argv.indexOf('--');
    return (end < 0 ? this.argv : this.argv.slice(0, end)).includes('--json');
  }

  protected override async parse<F extends Bag, B extends Bag, A extends Bag>(
    options?: Input<F, B, A>,
    argv = this.argv,
  ): Promise<ParserOutput<F, B, A>> {
    const asked = options ?? (this.constructor as unknown as Input<F, B, A>);
    const { args = {}, flags = {}, baseFlags = {} } = asked;
    const all = { ...baseFlags, ...flags };
    const words = markDashedValues(argv, all);
    const input = words === argv ? asked : { ...asked, args, flags: readingMarks(all) };
    const parsed = await super.parse(input as Input<F, B, A>, words);
    this.#globals = parsed.flags as Partial<Globals>;
    return parsed;
  }

  async #attempt(work: () => Promise<unknown>): Promise<ExitCode> {
    try {
      await work();
      return 0;
    } catch (error) {
      const { jsonErrors, flags, baseFlags } = this.constructor as typeof BeckCommand;
      const to = this.jsonEnabled() ? jsonErrors : 'text';
      return reportError(error, {
        io: this.io,
        command: `beck ${this.id}`,
        to,
        flags: Object.keys({ ...baseFlags, ...flags }),
      });
    }
  }

  #talk(line: string): void {
    // Nobody can be told that stderr is broken.
    this.io.stderr.write(`${line}\n`).catch(() => undefined);
  }
}

/** The little that oclif's Command asks of a Config. A real one would read the package and load plugins at every start. */
function oclifConfig(frame: Frame): Command['config'] {
  const little = {
    bin: 'beck',
    name: 'beck',
    version: frame.version,
    userAgent: `beck/${frame.version}`,
    runHook: async () => ({ successes: [], failures: [] }),
  };
  return little as unknown as Command['config'];
}
