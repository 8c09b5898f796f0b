import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BeckCommand } from '../src/cli/base-command.ts';
import { recordGlobalFlags } from '../src/cli/flags.ts';
import { openInput } from '../src/cli/input/index.ts';
import { openSources } from '../src/cli/input/sources.ts';
import { Echo } from '../src/cli/produce/echo.ts';
import { checkInput, inputOptions, produceFlags } from '../src/cli/produce/flags.ts';
import { ProduceReport } from '../src/cli/produce/report.ts';
import { openRun } from '../src/cli/produce/session.ts';
import { produceWords } from '../src/cli/produce/words.ts';
import type { Commit } from '../src/client/cluster.ts';
import { monotonic } from '../src/clock.ts';
import type { BrokerError } from '../src/errors.ts';
import type { Acks } from '../src/types.ts';

const KEPT_WHOLE = 'leave it out: what is committed survives power loss';

export default class Produce extends BeckCommand {
  static override summary = 'writes records to a topic: lines from a pipe, files, or JSON';
  static override description =
    'At least once: a run that failed and is run again, from the line that it names (--skip), may write a record twice if it was killed. ' +
    'Exactly once: with --txn a run that failed has written nothing.';
  static override examples = [
    { description: 'one record, keyed', command: `echo '{"id":1}' | beck produce orders -k alice` },
    {
      description: 'a log as it grows; what has arrived is one commit',
      command: 'tail -F app.log | beck produce logs --create',
    },
    {
      description: 'a key and a value a line, and where each went',
      command: `printf 'alice\\t1\\nbob\\t2\\n' | beck produce orders -K '\\t' -o '%k -> %p:%o\\n'`,
    },
    {
      description: 'a topic into another, byte for byte',
      command: 'beck consume orders -o jsonl | beck produce copy -i jsonl --create',
    },
    { description: 'a whole file or nothing of it', command: 'beck produce logs app.log --txn --create' },
    {
      description: 'lines that name their topics',
      command: `printf 'orders 1\\nusers 2\\n' | beck produce -i '%t %v\\n' --create`,
    },
  ];
  static override baseFlags = recordGlobalFlags;
  static override jsonErrors = 'stderr' as const;
  static override usage = '[TOPIC] [FILE...]';
  static override args = {
    topic: Args.string({
      ignoreStdin: true,
      multiple: true,
      description: 'the topic (none with -i and a %t), then what to read instead of stdin (- is stdin)',
    }),
  };
  static override flags = {
    ...produceFlags,
    txn: Flags.boolean({
      helpGroup: 'STORING',
      summary: 'all of the input is one transaction: seen as a whole when it has ended, or never',
    }),
    output: Flags.string({
      char: 'o',
      helpValue: 'FORMAT',
      summary: 'print each record as it was stored, after its commit; formats as in consume',
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Produce);
    const { topic: named, files } = produceWords(args.topic ?? [], flags.input);
    if (flags.txn && flags.acks !== 'all')
      throw this.usage(`a transaction is not for --acks ${flags.acks}`, KEPT_WHOLE);
    const cluster = await this.openCluster(flags.create ? 'create' : 'existing');
    const topic = named === null ? null : await this.chooseTopic(named, cluster);
    const echo = this.#echo(flags.output, flags.acks, topic === null);
    const input = inputOptions(flags, { topic, now: this.io.now() });
    checkInput(flags.input, input, files);
    const sources = await openSources(files, { signal: this.signal });
    const report = new ProduceReport({
      topic,
      json: this.jsonEnabled(),
      transaction: flags.txn,
      startedAt: monotonic(),
      warn: (line) => this.warn(line),
      say: (line) => this.say(line),
    });
    const writing = {
      topic,
      create: flags.create,
      codec: flags.compress,
      partition: flags.partition,
      places: echo !== undefined,
      onCommit: (commit: Commit) => echo?.print(commit.places),
      onRefused: (line: number, error: BrokerError) => report.refused(line, error),
    };
    const { producer, write } = await openRun(cluster, writing, { ...flags, interrupt: this.signal });
    const parser = openInput(flags.input, { ...input, maxRecordBytes: producer.maxRecordBytes }, producer);
    if (this.io.stdin.isTTY && parser.needsInput && files.length === 0) this.say(report.invitation());
    this.exitCode = await report.of(write(sources, parser), producer, parser, this.signal);
    await echo?.end();
  }

  /** What `-o` or `--json` wants printed. Throws USAGE. */
  #echo(output: string | undefined, acks: Acks, manyTopics: boolean): Echo | undefined {
    const format = output ?? (this.jsonEnabled() ? 'jsonl' : undefined);
    if (format === undefined) return undefined;
    if (acks === '0') throw this.usage('--acks 0 does not wait to learn what -o and --json print', '--acks 1 does');
    return new Echo(format, { io: this.io, interrupt: this.signal, manyTopics });
  }
}
