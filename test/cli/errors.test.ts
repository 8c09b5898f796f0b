import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { describe, expect, it } from 'vitest';
import { BeckCommand } from '../../src/cli/base-command.ts';
import type { CommandTable } from '../../src/cli/frame.ts';
import { BrokerError } from '../../src/errors.ts';
import { beck } from './memory-io.ts';

class Probe extends BeckCommand {
  static override args = {
    topic: Args.string({ required: true, ignoreStdin: true }),
    mode: Args.string({ ignoreStdin: true, options: ['fast', 'slow'] }),
  };
  static override flags = {
    partitions: Flags.integer({ char: 'p', min: 1, max: 9 }),
    acks: Flags.string({ options: ['all', '1', '0'] }),
    key: Flags.string({ char: 'k', exclusive: ['delimiter'] }),
    delimiter: Flags.string({ char: 'K' }),
    null: Flags.boolean({ char: '0' as 'Z' }),
    skip: Flags.string({ dependsOn: ['key'] }),
    config: Flags.string({ char: 'c', multiple: true, multipleNonGreedy: true }),
    fails: Flags.string({
      parse: async (name) => Promise.reject(new BrokerError('INVALID_CONFIG', { problem: `${name} is bad` })),
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Probe);
    await this.answer({ args, flags }, () => `${args.topic} ${JSON.stringify(flags)}`);
  }
}

class Failing extends BeckCommand {
  static override args = { how: Args.string({ required: true, ignoreStdin: true }) };

  override async run(): Promise<void> {
    const { args } = await this.parse(Failing);
    if (args.how === 'bug') throw new TypeError('x is undefined');
    if (args.how === 'abort') throw new DOMException('stop', 'AbortError');
    throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', { topic: 'ordres', hint: "did you mean 'orders'?" });
  }
}

class Stream extends Failing {
  static override jsonErrors = 'stderr' as const;
}

const commands: CommandTable = {
  probe: async () => ({ default: Probe }),
  failing: async () => ({ default: Failing }),
  stream: async () => ({ default: Stream }),
  'topic create': async () => ({ default: Probe }),
};
const run = (line: string, surroundings = {}) => beck(line.split(' '), { commands, ...surroundings });

describe('what the parser complains of', () => {
  it.each([
    ['probe', 'TOPIC is missing (USAGE)'],
    ['probe a fast c', "'c' is one argument too many (USAGE)"],
    ['probe a quick', "'quick' is not one of fast, slow (USAGE)"],
    ['probe a fast --partition', "there is no flag '--partition' (USAGE)\ndid you mean '--partitions'?"],
    ['probe a --acks=2', "--acks wants one of all, 1, 0; not '2' (USAGE)"],
    ['probe a --acks', '--acks wants one of all, 1, 0 (USAGE)'],
    ['probe a --acks -5', "--acks wants one of all, 1, 0; not '-5' (USAGE)"],
    ['probe a --key', '--key wants a value (USAGE)\na value that begins with a dash is written --key=-VALUE'],
    ['probe a -k x -k y', '--key was given twice (USAGE)'],
    ['probe a -k x -K y', '--delimiter and --key exclude each other (USAGE)'],
    ['probe a --skip 3', '--skip goes with --key (USAGE)'],
    ['probe a -p three', "--partitions wants a whole number; not 'three' (USAGE)"],
    ['probe a -p 0', "--partitions wants a whole number from 1; not '0' (USAGE)"],
    ['probe a -p 10', "--partitions wants a whole number up to 9; not '10' (USAGE)"],
    ['probe a --fails retention.ms', 'retention.ms is bad (INVALID_CONFIG)'],
  ])('%s', async (line, said) => {
    const { code, stdout, stderr } = await run(line);
    expect(stderr).toBe(
      `${said}\n${said.includes('\n') || said.includes('INVALID') ? '' : '`beck probe --help` shows how it is used\n'}`,
    );
    expect([code, stdout]).toEqual([2, '']);
  });

  it('names the words of the command in the hint', async () => {
    expect((await run('topic create')).stderr).toBe(
      'TOPIC is missing (USAGE)\n`beck topic create --help` shows how it is used\n',
    );
  });

  it('never takes an argument from stdin (I6)', async () => {
    expect(await run('probe', { stdin: 'orders\n' })).toMatchObject({ code: 2, stdout: '' });
  });

  it('takes values that begin with a dash, after =', async () => {
    const { stdout } = await run('probe a --key=-p --config=-c -c x=1 --json');
    expect(JSON.parse(stdout).flags).toMatchObject({ key: '-p', config: ['-c', 'x=1'], json: true });
  });

  it('takes negative numbers for values without it, though one of them is a flag too', async () => {
    const { stdout } = await run('probe a --key -0 -c -5 -c -0 --json');
    expect(JSON.parse(stdout).flags).toEqual({ key: '-0', config: ['-5', '-0'], json: true });
    const { flags } = JSON.parse((await run('probe a --key=x -0 --json')).stdout);
    expect(flags).toMatchObject({ key: 'x', null: true });
    expect((await run('probe -k x -- -0')).stdout).toBe('-0 {"key":"x"}\n');
  });
});

describe('unknown commands', () => {
  it.each([
    ['prob', "there is no command 'prob' (USAGE)\ndid you mean `beck probe`?\n"],
    ['topic craete', "there is no command 'topic craete' (USAGE)\ndid you mean `beck topic create`?\n"],
    ['topci create x', "there is no command 'topci' (USAGE)\ndid you mean `beck topic create`?\n"],
    ['zzz', "there is no command 'zzz' (USAGE)\n`beck` lists them all\n"],
    ['--jsn', "there is no flag '--jsn' (USAGE)\n`beck` lists them all\n"],
  ])('%s', async (line, stderr) => {
    expect(await run(line)).toEqual({ code: 2, stdout: '', stderr, asked: [] });
  });
});

describe('every kind of failure, in text and as JSON', () => {
  const text = "there is no topic 'ordres' (UNKNOWN_TOPIC_OR_PARTITION)\ndid you mean 'orders'?\n";
  const json = {
    code: 'UNKNOWN_TOPIC_OR_PARTITION',
    message: "there is no topic 'ordres'",
    hint: "did you mean 'orders'?",
    exitCode: 3,
  };

  it('a broker error is a sentence, its code, a hint, and its exit code', async () => {
    expect(await run('failing x')).toMatchObject({ code: 3, stdout: '', stderr: text });
  });

  it('as JSON on stdout from a command with a document', async () => {
    const { code, stdout, stderr } = await run('failing x --json');
    expect([code, JSON.parse(stdout), stderr]).toEqual([3, { error: json }, '']);
  });

  it('as JSON on stderr from a command whose stdout is a stream of records', async () => {
    const { code, stdout, stderr } = await run('stream x --json');
    expect([code, stdout, JSON.parse(stderr)]).toEqual([3, '', { error: json }]);
  });

  it('wrong usage keeps its exit code as JSON', async () => {
    const { code, stdout } = await run('failing --json');
    expect([code, JSON.parse(stdout).error.code]).toEqual([2, 'USAGE']);
    expect(JSON.parse((await run('flailing --json')).stdout).error).toMatchObject({ code: 'USAGE', exitCode: 2 });
  });

  it('red only where colour is seen', async () => {
    expect((await run('failing x', { tty: true, colour: true })).stderr).toBe(
      text.replace(/^(.*) \(/, '\x1b[31m$1\x1b[39m ('),
    );
    expect((await run('failing x', { tty: true, colour: true, env: { NO_COLOR: '1' } })).stderr).toBe(text);
    expect((await run('failing x', { tty: true, colour: true, env: { TERM: 'dumb' } })).stderr).toBe(text);
    expect((await run('failing x', { colour: true, env: { FORCE_COLOR: '1' } })).stderr).toContain('\x1b[31m');
  });

  it('anything else is a fault of beck, with a trace only when asked for', async () => {
    const { code, stderr } = await run('failing bug');
    expect([code, stderr]).toEqual([
      70,
      'a fault of beck itself: x is undefined (BUG)\nplease report it with what you did; BECK_DEBUG=1 shows the trace\n',
    ]);
    expect((await run('failing bug', { env: { BECK_DEBUG: '1' } })).stderr).toContain(
      'TypeError: x is undefined\n    at ',
    );
  });

  it('an abort is a Ctrl-C, and silent', async () => {
    expect(await run('failing abort')).toMatchObject({ code: 130, stdout: '', stderr: '' });
  });
});
