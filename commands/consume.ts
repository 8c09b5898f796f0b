import * as Args from '@oclif/core/args';
import { BeckCommand } from '../src/cli/base-command.ts';
import { compileFilter } from '../src/cli/consume/filter.ts';
import { consumeFlags, consumeOptions, milliseconds } from '../src/cli/consume/flags.ts';
import { beginLine, endLines, exitCodeOf, lostLines } from '../src/cli/consume/report.ts';
import { ConsumeSession } from '../src/cli/consume/session.ts';
import { delimiterOf } from '../src/cli/delimiter.ts';
import { recordGlobalFlags } from '../src/cli/flags.ts';
import { openOutput } from '../src/cli/output/index.ts';

export default class Consume extends BeckCommand {
  static override summary = 'reads records: all there are, a range, the last few, or as they come';
  static override examples = [
    { description: 'read it all, and stop', command: 'beck consume orders' },
    { description: 'follow it, like tail -f', command: 'beck consume orders -f' },
    {
      description: 'the last hour of one key, as JSON',
      command: 'beck consume orders --from @-1h --key alice -o jsonl',
    },
    {
      description: 'wait for three records, at most ten seconds',
      command: 'beck consume orders -f -n 3 --timeout 10s',
    },
  ];
  static override baseFlags = recordGlobalFlags;
  static override jsonErrors = 'stderr' as const;
  static override args = {
    topic: Args.string({ ignoreStdin: true, multiple: true, description: 'topics; on a terminal one may be chosen' }),
  };
  static override flags = consumeFlags;

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Consume);
    const cluster = await this.openCluster(flags.regex && flags.follow ? 'create' : 'read');
    const topics = args.topic?.length ? args.topic : [await this.chooseTopic(undefined, cluster)];
    const options = consumeOptions(topics, flags, this.io.now());
    const filter = compileFilter(flags);
    const printer = openOutput(flags.output ?? (this.jsonEnabled() ? 'jsonl' : 'value'), {
      delimiter: delimiterOf(flags),
      nullValue: flags['null-value'] === undefined ? null : Buffer.from(flags['null-value']),
      terminal: this.io.stdout,
      manyTopics: topics.length > 1 || flags.regex,
      now: this.io.now(),
    });
    const reader = await cluster.consume(options);
    for (const line of lostLines(reader.ranges)) this.warn(line);
    this.say(beginLine(options, reader.ranges, flags.from, flags.tail));
    if (options.follow) this.io.stdout.watchReader();
    const limits = {
      limit: flags.max,
      tail: flags.tail,
      idleTimeout: milliseconds(flags['idle-timeout']),
      timeout: milliseconds(flags.timeout),
    };
    const outcome = await new ConsumeSession({
      reader,
      printer,
      stdout: this.io.stdout,
      interrupt: this.signal,
      filter,
      ...limits,
    }).run();
    for (const line of endLines(outcome, options, reader.ranges)) this.say(line);
    this.exitCode = exitCodeOf(outcome, flags.max);
  }
}
