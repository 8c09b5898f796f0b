import * as Args from '@oclif/core/args';
import { BeckCommand } from '../src/cli/base-command.ts';
import { compileFilter } from '../src/cli/consume/filter.ts';
import { consumeFlags, consumeOptions, milliseconds } from '../src/cli/consume/flags.ts';
import { groupFlags, groupOptions } from '../src/cli/consume/group-flags.ts';
import { HeldReport } from '../src/cli/consume/held-report.ts';
import { leaveLine, tellNews } from '../src/cli/consume/member-report.ts';
import { beginLine, endLine, exitCodeOf, lostLines } from '../src/cli/consume/report.ts';
import { ConsumeSession, type Outcome, type SessionOptions } from '../src/cli/consume/session.ts';
import { delimiterOf } from '../src/cli/delimiter.ts';
import { recordGlobalFlags } from '../src/cli/flags.ts';
import { openOutput } from '../src/cli/output/index.ts';
import type { Cluster, ConsumeOptions, GroupConsumeOptions } from '../src/client/cluster.ts';
import type { OpenMode } from '../src/client/open.ts';

type Session = Omit<SessionOptions, 'reader' | 'member' | 'onLook'>;
type Way = Pick<ConsumeOptions, 'follow' | 'isolation'> & { readonly cluster: Cluster };

export default class Consume extends BeckCommand {
  static override summary = 'reads records: all there are, a range, the last few, or as they come';
  static override description =
    'With -g at least once: what was printed is committed; with --at-most-once it is committed first. ' +
    'Exactly once takes an output that is committed with the offsets, and stdout is none: `beck pipe`.';
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
    {
      description: 'what the group billing has not read yet; in several terminals, with -f, they share it',
      command: 'beck consume orders -g billing',
    },
  ];
  static override baseFlags = recordGlobalFlags;
  static override jsonErrors = 'stderr' as const;
  static override args = {
    topic: Args.string({ ignoreStdin: true, multiple: true, description: 'topics; on a terminal one may be chosen' }),
  };
  static override flags = { ...consumeFlags, ...groupFlags };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Consume);
    const cluster = await this.openCluster(openMode(flags));
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
    const limits = {
      limit: flags.max,
      tail: flags.tail,
      idleTimeout: milliseconds(flags['idle-timeout']),
      timeout: milliseconds(flags.timeout),
    };
    const { stdout } = this.io;
    const session = { ...limits, printer, stdout, interrupt: this.signal, filter, atMostOnce: flags['at-most-once'] };
    const share = groupOptions(options, flags);
    const outcome = await (share === undefined
      ? this.#readAll(cluster, session, options, flags.from)
      : this.#readShare(cluster, session, share));
    this.exitCode = exitCodeOf(outcome, flags.max);
  }

  async #readAll(cluster: Cluster, session: Session, options: ConsumeOptions, from: string): Promise<Outcome> {
    const reader = await cluster.consume(options);
    for (const line of lostLines(reader.ranges)) this.warn(line);
    this.say(beginLine(options, reader.ranges, from, session.tail));
    if (options.follow) this.io.stdout.watchReader();
    return this.#readOn({ ...session, reader }, { ...options, cluster });
  }

  /** However the reading ends, what was shown is committed and the others get the partitions. */
  async #readShare(cluster: Cluster, session: Session, options: GroupConsumeOptions): Promise<Outcome> {
    const { group } = options;
    const member = await cluster.joinGroup(options);
    const talk = { say: (line: string) => this.say(line), warn: (line: string) => void this.warn(line) };
    const onLook = () => tellNews(group, member.memberName, member.news(), talk);
    this.io.stdout.watchReader();
    try {
      return await this.#readOn({ ...session, reader: member, member, onLook }, { ...options, cluster });
    } finally {
      const committed = await member.leave();
      onLook();
      this.say(leaveLine(group, committed));
    }
  }

  /** A terminal is told who holds records back, and how it ended. */
  async #readOn(session: SessionOptions, { cluster, follow, isolation }: Way): Promise<Outcome> {
    const { reader } = session;
    const [isTold, now, say] = [this.io.stderr.isTTY, () => this.io.now(), (line: string) => this.say(line)];
    const held = new HeldReport({ reader, follow, isolation, transactions: cluster.transactions, isTold, now, say });
    try {
      const outcome = await new ConsumeSession(session).run();
      await held.end();
      const line = endLine(outcome);
      if (line !== undefined) this.say(line);
      return outcome;
    } finally {
      held.stop();
    }
  }
}

/** A pattern may be followed before there is anything; a member writes. */
function openMode({ regex, follow, group }: { regex: boolean; follow: boolean; group?: string | undefined }): OpenMode {
  if (regex && follow) return 'create';
  return group === undefined ? 'read' : 'existing';
}
