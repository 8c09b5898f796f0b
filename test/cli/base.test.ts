import * as Args from '@oclif/core/args';
import { describe, expect, it } from 'vitest';
import { BeckCommand } from '../../src/cli/base-command.ts';
import { findCommand } from '../../src/cli/find-command.ts';
import { yesFlag } from '../../src/cli/flags.ts';
import type { CommandTable } from '../../src/cli/frame.ts';
import { startProgress } from '../../src/cli/progress.ts';
import type { Cluster } from '../../src/client/cluster.ts';
import { beck, memoryIo } from './memory-io.ts';

const topics = (...names: string[]): Cluster =>
  ({ listTopics: async () => names.map((name) => ({ name })) }) as unknown as Cluster;

class Answer extends BeckCommand {
  override async run(): Promise<void> {
    await this.parse(Answer);
    this.say('for comfort');
    this.warn('to be seen');
    await this.answer({ topics: [] }, () => 'no topics');
  }
}

class Destroy extends BeckCommand {
  static override flags = { yes: yesFlag };

  override async run(): Promise<void> {
    const { flags } = await this.parse(Destroy);
    if (await this.confirm('Delete orders for good?', flags.yes)) await this.answer({}, () => 'deleted');
  }
}

class Choose extends BeckCommand {
  static override args = { topic: Args.string({ ignoreStdin: true }) };
  static names = ['orders', 'users'];

  override async run(): Promise<void> {
    const { args } = await this.parse(Choose);
    await this.answer({}, async () => this.chooseTopic(args.topic, topics(...Choose.names)));
  }
}

class Stay extends BeckCommand {
  override async run(): Promise<void> {
    await this.parse(Stay);
    const stop = this.whileRead();
    for (let i = 0; !stop.aborted && i < 1000; i++) await this.io.stdout.write(`${i}\n`);
  }
}

class PartlyFailed extends BeckCommand {
  override async run(): Promise<void> {
    await this.parse(PartlyFailed);
    this.exitCode = 1;
  }
}

const commands: CommandTable = {
  answer: async () => ({ default: Answer }),
  destroy: async () => ({ default: Destroy }),
  choose: async () => ({ default: Choose }),
  stay: async () => ({ default: Stay }),
  'fail partly': async () => ({ default: PartlyFailed }),
};
const run = (line: string, surroundings = {}) => beck(line.split(' '), { commands, ...surroundings });

describe('answers', () => {
  it('in a pipe: data on stdout, no comfort', async () => {
    expect(await run('answer')).toMatchObject({ code: 0, stdout: 'no topics\n', stderr: 'to be seen\n' });
  });

  it('on a terminal: with comfort', async () => {
    expect(await run('answer', { tty: true })).toMatchObject({
      stdout: 'no topics\n',
      stderr: 'for comfort\nto be seen\n',
    });
  });

  it('as one JSON document', async () => {
    expect(await run('answer --json')).toMatchObject({ code: 0, stdout: '{"topics":[]}\n' });
  });

  it('can end with a code of their own', async () => {
    expect((await run('fail partly')).code).toBe(1);
    expect((await run('fail:partly')).code).toBe(1);
  });
});

describe('what destroys', () => {
  it('asks on a terminal', async () => {
    expect(await run('destroy', { tty: true, answers: [true] })).toMatchObject({
      code: 0,
      stdout: 'deleted\n',
      asked: ['Delete orders for good?'],
    });
  });

  it('takes no for an answer', async () => {
    expect(await run('destroy', { tty: true, answers: [false] })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'nothing was changed\n',
    });
  });

  it('wants --yes elsewhere (I4)', async () => {
    expect(await run('destroy')).toMatchObject({
      code: 2,
      stderr: 'this destroys data and there is no terminal to ask on (USAGE)\n--yes says that you mean it\n',
    });
    expect(await run('destroy --yes')).toMatchObject({ code: 0, stdout: 'deleted\n', asked: [] });
    expect(await run('destroy -y', { tty: true })).toMatchObject({ code: 0, asked: [] });
  });
});

describe('a topic that was not named', () => {
  it('is chosen on a terminal', async () => {
    expect(await run('choose', { tty: true, answers: ['users'] })).toMatchObject({
      code: 0,
      stdout: 'users\n',
      asked: ['Which topic?'],
    });
  });

  it('is missing elsewhere, and nothing asks (I4)', async () => {
    expect(await run('choose')).toMatchObject({
      code: 2,
      asked: [],
      stderr: expect.stringMatching(/^TOPIC is missing \(USAGE\)\n/),
    });
  });

  it('is not asked for when it was named', async () => {
    expect(await run('choose orders', { tty: true })).toMatchObject({ stdout: 'orders\n', asked: [] });
  });
});

describe('stopping', () => {
  it('a reader that leaves ends it with 0 (I3)', async () => {
    const { code, stdout } = await run('stay', { readerLeavesAfter: 3 });
    expect([code, stdout]).toEqual([0, '0\n1\n']);
  });

  it('a Ctrl-C ends it with 130', async () => {
    expect(await run('stay', { interrupt: AbortSignal.abort() })).toMatchObject({ code: 130, stdout: '' });
  });
});

it('prints its version', async () => {
  expect(await run('--version')).toEqual({ code: 0, stdout: 'beck 0.1.0\n', stderr: '', asked: [] });
});

describe('finding a command', () => {
  const names = ['topic create', 'topic list', 'log dump', 'status'];

  it.each([
    ['topic create a b', 'topic create', ['a', 'b']],
    ['topic:create a', 'topic create', ['a']],
    ['topic create -p 3 create', 'topic create', ['-p', '3', 'create']],
    ['status status', 'status', ['status']],
  ])('%s', (line, name, rest) => {
    expect(findCommand(line.split(' '), names)).toEqual({ what: 'command', name, rest });
  });

  it('a group, and what is none of it', () => {
    expect(findCommand(['topic', '--help'], names)).toEqual({ what: 'group', name: 'topic', rest: ['--help'] });
    expect(findCommand(['topic', 'lst'], names)).toEqual({
      what: 'unknown',
      typed: 'topic lst',
      nearest: 'topic list',
    });
    expect(findCommand([], names)).toMatchObject({ what: 'unknown' });
  });
});

describe('progress', () => {
  const at = (tty: boolean, env = {}) => {
    const clock = { ms: 0 };
    const { io, stderr } = memoryIo({ tty, columns: 40, env, now: () => clock.ms });
    return { clock, stderr, progress: startProgress('checking', io) };
  };

  it('is drawn on a terminal, after half a second, in place, and goes away', () => {
    const { clock, stderr, progress } = at(true);
    progress.update(1e6, 10e6, 'bytes');
    expect(stderr.text()).toBe('');
    clock.ms = 500;
    progress.update(4.2e6, 10e6, 'bytes');
    clock.ms = 550;
    progress.update(5e6, 10e6, 'bytes');
    clock.ms = 600;
    progress.update(3000, 0, 'batches');
    progress.done();
    expect(stderr.text().split('\r\x1b[2K')).toEqual([
      '',
      'checking  42 %  4.2 MB of 10 MB',
      'checking  3 000 batches',
      '',
    ]);
  });

  it.each([
    [false, {}],
    [true, { TERM: 'dumb' }],
  ])('is not drawn elsewhere (terminal: %s, %o)', (tty, env) => {
    const { clock, stderr, progress } = at(tty, env);
    clock.ms = 5000;
    progress.update(1, 2, 'bytes');
    progress.done();
    expect(stderr.text()).toBe('');
  });
});
