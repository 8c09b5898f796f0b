/** Reading of many batches at once, where most are printed whole: every way to take only a part of them. */
import { describe, expect } from 'vitest';
import { type Beck, it, numbered, unix } from '../support/e2e.ts';

const COUNT = 60_000;
const ALL = numbered(COUNT).split('\n').slice(0, -1);

/** Batches of 256 KiB, of some thousand records each. */
async function fill(beck: Beck): Promise<void> {
  await beck.create('t');
  await beck.produce('t', numbered(COUNT));
}

describe.concurrent('of many records', () => {
  it('all come, and with -n, --tail, --from and --until exactly those', async ({ beck }) => {
    await fill(beck);
    const flags: [string[], string[]][] = [
      [[], ALL],
      [['-n', '30001'], ALL.slice(0, 30_001)],
      [['-n', String(COUNT)], ALL],
      [['--tail', '31234'], ALL.slice(-31_234)],
      [['--tail', '31234', '-n', '20000'], ALL.slice(-31_234, -11_234)],
      [['--from', '777', '--until', '40777'], ALL.slice(777, 40_777)],
      [['--from', '-1'], ALL.slice(-1)],
      [['--grep', '77$'], ALL.filter((line) => line.endsWith('77'))],
    ];
    for (const [given, lines] of flags)
      expect((await beck.lines('t', ...given)).join('\n') === lines.join('\n'), given.join(' ')).toBe(true);
  });

  it('each has its delimiter behind it', async ({ beck }) => {
    await fill(beck);
    for (const delimiter of ['', '\0', ' and ', ' long enough ']) {
      const flags = delimiter === '\0' ? ['-0'] : ['-D', delimiter];
      const { stdout } = await beck.ok(['consume', 't', ...flags]);
      expect(stdout === ALL.map((line) => line + delimiter).join(''), delimiter).toBe(true);
    }
  });

  it('those without a value or with headers come in their order among the others', async ({ beck }) => {
    await beck.create('t');
    const kinds = ['"a"', 'null', '"b","headers":[["h","x"]]', '""'];
    const lines = Array.from({ length: 20_000 }, (_, i) => `{"value":${kinds[Math.floor(i / 3000) % 4]}}\n`);
    await beck.produce('t', lines.join(''), '-i', 'jsonl');
    const printed = (await beck.lines('t', '--null-value', 'NULL')).join(' ');
    expect(printed === lines.map((_, i) => ['a', 'NULL', 'b', ''][Math.floor(i / 3000) % 4]).join(' ')).toBe(true);
  });

  it('a trimmed topic shows what it still has', async ({ beck }) => {
    await fill(beck);
    await beck.ok(['topic', 'trim', 't', '--before', '12345', '--yes']);
    expect((await beck.lines('t')).join('\n') === ALL.slice(12_345).join('\n')).toBe(true);
  });

  it('a follower prints all and goes on', async ({ beck }) => {
    await fill(beck);
    const follower = beck.spawn(['consume', 't', '-f', '-n', String(COUNT + 1)]);
    await follower.prints(COUNT);
    await beck.produce('t', 'one more\n');
    expect((await follower.ended).stdout === `${numbered(COUNT)}one more\n`).toBe(true);
  });

  it('members of a group print each once, and go on exactly there', async ({ beck }) => {
    await fill(beck);
    const parts = [];
    for (const flags of [['-n', '12345'], ['-n', '1'], ['-n', '33333'], []])
      parts.push(...(await beck.lines('t', '-g', 'g', ...flags)));
    expect(parts.join('\n') === ALL.join('\n')).toBe(true);
  });
});

describe.runIf(unix).concurrent('of many records, to a reader that leaves,', () => {
  it('the first come, and the exit code is 0', async ({ beck }) => {
    await fill(beck);
    expect(await beck.shell('beck consume t | head -n 2')).toMatchObject({ code: 0, stdout: 'line 1\nline 2\n' });
  });

  it('a group goes on with a whole line, and with all from there on', async ({ beck }) => {
    await fill(beck);
    const { stdout } = await beck.shell('beck consume t -g g | head -n 20000');
    const given = stdout.split('\n').slice(0, -1);
    expect(given.join('\n') === ALL.slice(0, 20_000).join('\n')).toBe(true);
    const rest = await beck.lines('t', '-g', 'g');
    expect(rest.join('\n') === ALL.slice(COUNT - rest.length).join('\n')).toBe(true);
  });
});
