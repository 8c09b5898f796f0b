/** Looking at groups of real processes, and setting their offsets: what a person does in the small hours. */
import { describe, expect } from 'vitest';
import { type Beck, it } from '../support/e2e.ts';
import { noTerminal, Terminal, withoutColour } from '../support/pty.ts';
import type { Live } from '../support/run-beck.ts';

/** A member of g that has the partitions of t, of which there are `partitions`. */
async function member(beck: Beck, partitions = 1): Promise<Live> {
  await beck.create('t', '-p', `${partitions}`);
  await beck.produce('t', 'a\nb\nc\n', '-p', '0');
  const live = beck.spawn(['consume', 't', '-g', 'g', '-f']);
  await live.prints(3);
  await beck.ok(['group', 'lag', 'g', '--wait']);
  return live;
}

describe.concurrent('group', () => {
  it('describe tells of a kill -9 that nobody else noticed, and reset works straight after it', async ({ beck }) => {
    const live = await member(beck);
    const reset = ['group', 'reset', 'g', '--topic', 't', '--to', 'start', '--yes'];
    expect(await beck.run(reset)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining(`g is active: member ${live.pid} (NON_EMPTY_GROUP)`),
    });
    live.kill('SIGKILL');
    await live.ended;
    const { stdout } = await beck.ok(['group', 'describe', 'g']);
    expect(stdout).toMatch(/^g: Empty, generation \d+, no members for .*, lag 0\n/);
    expect(stdout).toMatch(new RegExp(`^${live.pid} died .* ago \\(its process is gone\\); nobody was there`, 'm'));
    await beck.ok(reset);
    expect(await beck.lines('t', '-g', 'g')).toEqual(['a', 'b', 'c']);
  });

  it('reset lets a group read again from a time, or leaves one record out', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'old\n', '--timestamp', '-2h');
    await beck.produce('t', 'bad\nnew\n');
    expect(await beck.lines('t', '-g', 'g')).toHaveLength(3);
    await beck.ok(['group', 'reset', 'g', '--topic', 't', '--to', '@-1h', '--yes']);
    await beck.ok(['group', 'reset', 'g', '--all-topics', '--shift', '1', '--yes']);
    expect(await beck.lines('t', '-g', 'g')).toEqual(['new']);
  });

  it('export and import carry a group from one data directory to another', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\nb\n');
    await beck.lines('t', '-g', 'g', '-n', '1');
    await beck.ok(['snapshot', 'copy']);
    await beck.ok(['group', 'delete', 'g', '--yes', '--data-dir', 'copy']);
    const { code, stderr } = await beck.shell('beck group export g | beck group import g - --data-dir copy');
    expect([code, stderr]).toEqual([0, '']);
    expect(await beck.lines('t', '-g', 'g', '--data-dir', 'copy')).toEqual(['b']);
  });

  it('lag --wait ends as soon as everything is read', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\n');
    const waiting = beck.spawn(['group', 'lag', 'g', '--wait']);
    await beck.lines('t', '-g', 'g');
    expect(await waiting.ended).toMatchObject({ code: 0, stdout: 'g: lag 0\n' });
  });

  it('describe --watch prints a line a change, until Ctrl-C', async ({ beck }) => {
    const live = await member(beck, 2);
    const watch = beck.spawn(['group', 'describe', 'g', '--watch']);
    await watch.prints('g: Stable, generation');
    const other = beck.spawn(['consume', 't', '-g', 'g', '-f']);
    await watch.prints(`g: ${other.pid} has t `);
    live.kill('SIGKILL');
    await watch.prints(`g: ${live.pid} died now`);
    watch.kill('SIGINT');
    expect(await watch.ended).toMatchObject({ code: 130, stderr: '' });
  });

  it('describe --watch ends with its reader, also when nothing changes any more', async ({ beck }) => {
    await beck.create('t');
    await beck.lines('t', '-g', 'g');
    const { code, stdout, stderr } = await beck.shell('beck group describe g --watch | head -n 1');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/ g: Empty, generation \d+, no members for .*, lag 0\n$/);
  });
});

describe.runIf(noTerminal === undefined).concurrent('on a terminal', () => {
  it('describe --watch draws one page again and again, until Ctrl-C', async ({ beck }) => {
    const live = await member(beck);
    const terminal = new Terminal(beck, 'beck group describe g --watch');
    await terminal.shows(`${live.pid}\n`);
    live.kill();
    await terminal.shows('g: Empty');
    terminal.type('\x03');
    const { shown, code } = await terminal.ended();
    expect(code).toBe(130);
    const [first = '', ...others] = shown.split('\x1b[4A\x1b[J');
    expect(withoutColour(first)).toMatch(
      /^g: Stable, generation \d+, 1 member, lag 0\n\nTOPIC {2}PARTITION {2}COMMITTED {2}END {2}LAG {2}BEHIND {2}LAST COMMIT {2}MEMBER\n/,
    );
    expect(withoutColour(others.join('\n'))).toContain(`${live.pid} left`);
  });

  it('reset shows the plan, asks, and does what was agreed to', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\nb\n');
    await beck.lines('t', '-g', 'g');
    const terminal = new Terminal(beck, 'beck group reset g --topic t --to start');
    await terminal.shows('g goes on elsewhere in 1 partition. Set its offsets?');
    terminal.type('y\r');
    const { shown, code } = await terminal.ended();
    expect(code).toBe(0);
    expect(withoutColour(shown)).toMatch(/^t {14}0 {7}2 {6}0 {4}2 {4}2$/m);
    expect(await beck.lines('t', '-g', 'g')).toEqual(['a', 'b']);
  });
});
