import * as Args from '@oclif/core/args';
import { BeckCommand } from '../src/cli/base-command.ts';
import { commandMissing, splitCommand } from '../src/cli/command/command-line.ts';
import { requireProgram } from '../src/cli/command/find-program.ts';
import { pipeFlags } from '../src/cli/pipe/flags.ts';
import { joinOnError } from '../src/cli/pipe/on-error.ts';
import { pipePlan } from '../src/cli/pipe/plan.ts';
import { PipeReport } from '../src/cli/pipe/report.ts';
import { runPipe } from '../src/cli/pipe/run-pipe.ts';

export default class Pipe extends BeckCommand {
  static override summary = 'runs a command between topics: records in, lines out, exactly once';
  static override description =
    'One run of COMMAND is one batch of records of one partition: they are its stdin, its exit code 0 is what commits them. What it wrote and how far it has read become visible together or not at all, whoever is killed. It may drop, split and join lines. BECK_TOPIC, BECK_PARTITION, BECK_OFFSET (of the first record) and BECK_RECORDS tell it what it reads. With --on-error skip or dlq a batch that fails is run again in halves until the record stands alone that it fails on; that gets the headers beck.topic, beck.partition, beck.offset and beck.error in TOPIC.';
  static override examples = [
    { description: 'in capitals, as orders come', command: 'beck pipe orders loud -g loud --create -- tr a-z A-Z' },
    {
      description: 'what jq lets through, up to now',
      command: `beck pipe orders big -g big --once --create -- jq -c 'select(.id > 1)'`,
    },
    {
      description: 'with keys on both sides',
      command: `beck pipe orders keyed -g keyed --once --create -o '%k %v\\n' -i '%k %v\\n' -- sed 's/alice/bob/'`,
    },
    {
      description: 'a script of yours; what it fails on is kept for later',
      command: 'beck pipe orders clean -g clean --once --create --on-error dlq failed -- sh clean.sh',
    },
    {
      description: 'the command says which topic each line goes to',
      command: `beck pipe orders -g route -i '%t %v\\n' --once --create -- awk '{ print (/1/ ? "odd" : "even"), $0 }'`,
    },
  ];
  static override usage = 'IN... OUT -g GROUP [--once] [flags] -- COMMAND...';
  static override args = {
    topic: Args.string({
      ignoreStdin: true,
      multiple: true,
      description: 'the topics to read, then the one to write to (none with -i and a %t)',
    }),
  };
  static override flags = pipeFlags;

  override async run(): Promise<void> {
    const { words, command } = splitCommand(this.argv);
    if (command.length === 0) throw commandMissing();
    const { args, flags } = await this.parse(Pipe, joinOnError(words));
    const plan = pipePlan(args.topic ?? [], flags, this.io.now());
    const { env, cwd } = this.io;
    const line = { words: command, env, cwd };
    requireProgram(line);
    const cluster = await this.openCluster(flags.create ? 'create' : 'existing');
    const report = new PipeReport({
      io: this.io,
      group: flags.group,
      to: plan.writing.topic,
      follows: plan.reading.follow,
      say: (text) => this.say(text),
      warn: (text) => void this.warn(text),
    });
    await runPipe(cluster, plan, { command: line, report, interrupt: this.signal });
    if (this.jsonEnabled()) await this.answer(report.totals, () => '');
  }
}
