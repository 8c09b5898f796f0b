import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../bin/commands.ts';
import { CHAPTERS, FIRST_STEPS, GROUPS } from '../../src/cli/chapters.ts';
import { type CommandClass, commandNamed } from '../../src/cli/frame.ts';
import type { ArgFacts, FlagFacts } from '../../src/cli/help-flags.ts';
import { definitions, examples, wrap } from '../../src/cli/wrap.ts';
import { beck } from './memory-io.ts';

const ROOT = join(import.meta.dirname, '../..');
const names = Object.keys(COMMANDS);
const classes = new Map<string, CommandClass>();
beforeAll(async () => {
  for (const name of names) classes.set(name, (await commandNamed(name, { commands: COMMANDS })).default);
});
const lines = (text: string): string[] => text.split('\n');

describe('the table of commands', () => {
  it('has a row for every file', () => {
    const files = readdirSync(join(ROOT, 'commands'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        relative(join(ROOT, 'commands'), join(entry.parentPath, entry.name)).replace(/\.ts$/, '').replaceAll('/', ' '),
      );
    expect([...names].sort()).toEqual(files.sort());
  });

  it('has every command in a chapter, and every group a sentence', () => {
    const listed = CHAPTERS.flatMap(({ commands }) => commands);
    expect(names.filter((name) => !listed.includes(name))).toEqual([]);
    expect(names.filter((name) => name.includes(' ') && !GROUPS[name.split(' ')[0] ?? ''])).toEqual([]);
  });

  describe.each(names)('%s', (name) => {
    it('says why, and shows three ways to use it', () => {
      const { summary, examples: rows = [] } = classes.get(name) as CommandClass;
      expect(summary).toMatch(/^[a-z].*[^.]$/);
      expect(rows.length).toBeGreaterThanOrEqual(3);
      for (const row of rows) expect(typeof row === 'string' ? row : row.command).toContain('beck');
    });

    it('has no argument that stdin could fill (I6), and no flag that swallows arguments', () => {
      const { args, flags = {} } = classes.get(name) as CommandClass;
      for (const [arg, row] of Object.entries(args)) expect([arg, row.ignoreStdin]).toEqual([arg, true]);
      for (const [flag, row] of Object.entries(flags)) {
        if (row.type === 'option' && row.multiple) expect([flag, row.multipleNonGreedy]).toEqual([flag, true]);
      }
    });

    it('describes every flag and argument', () => {
      const { args, flags = {} } = classes.get(name) as CommandClass;
      const unsaid = [
        ...Object.entries(args as Record<string, ArgFacts>).filter(([, { description }]) => !description),
        ...Object.entries(flags as Record<string, FlagFacts>).filter(([, { summary }]) => !summary),
      ];
      expect(unsaid.map(([word]) => word)).toEqual([]);
    });

    it('has a page that fits a pipe, and one that fits a terminal', async () => {
      const { code, stdout, stderr } = await beck([...name.split(' '), '--help']);
      expect([code, stderr]).toEqual([0, '']);
      const tooLong = lines(stdout).filter((line) => line.length > 80 && !line.startsWith('  '));
      expect(tooLong).toEqual([]);
      expect(stdout).toContain(`\nUsage\n  beck ${name}`);
      expect((await beck(['help', ...name.split(' ')])).stdout).toBe(stdout);
      expect((await beck([...name.split(' '), '-h'], { tty: true })).stdout).toBe(stdout);
    });
  });
});

describe('the manifest in the package', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8'));

  it('has every command, with all that help needs', () => {
    expect(Object.keys(manifest.commands).map((id) => id.replaceAll(':', ' '))).toEqual(names);
    for (const row of Object.values<CommandClass>(manifest.commands)) {
      expect([row.summary, row.examples?.length ?? 0]).toEqual([expect.any(String), expect.any(Number)]);
      for (const arg of Object.values(row.args)) expect(arg.ignoreStdin).toBe(true);
    }
  });
});

describe('beck alone', () => {
  it('is one screen that lists what exists', async () => {
    const { code, stdout } = await beck([], { env: { HOME: '/nowhere', XDG_DATA_HOME: '/nowhere/data' } });
    expect(code).toBe(0);
    expect(lines(stdout)[0]).toBe("beck 0.1.0: Apache Kafka's log on one machine, in one file.");
    expect(lines(stdout).length).toBeLessThan(24);
    expect(lines(stdout).every((line) => line.length <= 80)).toBe(true);
    expect(stdout).toMatch(/^Data {2}\/nowhere\/data\/beck \(nothing there yet\);/m);
    for (const { of, command } of FIRST_STEPS) expect([of, stdout.includes(command)]).toEqual([of, names.includes(of)]);
  });

  it('says a first word once', async () => {
    const only = { 'topic create': COMMANDS['topic create'], 'topic list': COMMANDS['topic list'] } as typeof COMMANDS;
    expect((await beck([], { commands: only })).stdout).toContain('topic create · list\n');
  });

  it('with --help tells of everything in a line', async () => {
    const { stdout } = await beck(['--help']);
    for (const name of names) expect(stdout).toContain(`  ${name} `);
    for (const word of ['BECK_DATA_DIR', '--data-dir', 'Exit codes', '124']) expect(stdout).toContain(word);
    expect((await beck(['help'])).stdout).toBe(stdout);
  });
});

it('a group lists its commands', async () => {
  const { code, stdout } = await beck(['topic']);
  expect(code).toBe(0);
  for (const name of names.filter((one) => one.startsWith('topic '))) expect(stdout).toContain(`  beck ${name} `);
});

it('help for nothing that exists is wrong usage', async () => {
  expect(await beck(['help', 'topci'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining("'topci'"),
  });
});

describe('text in a width', () => {
  it('breaks between words', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('one two three', 7, 2)).toEqual(['one two', '  three']);
    expect(wrap('unbreakable a', 5)).toEqual(['unbreakable', 'a']);
    expect(wrap('a\n\nb', 5)).toEqual(['a', '', 'b']);
  });

  it('puts meanings in one column, and under their terms where there is no room', () => {
    const rows = [
      ['a', 'first'],
      ['bcd', 'a sentence that goes on and on until it does not fit in one line'],
    ] as const;
    expect(definitions(rows, 60)).toEqual([
      '  a     first',
      '  bcd   a sentence that goes on and on until it does not fit',
      '        in one line',
    ]);
    expect(definitions(rows.slice(0, 1), 40)).toEqual(['  a', '     first']);
  });

  it('puts what an example does beside it, or above it', () => {
    expect(examples([['beck a', 'does a']], 40)).toEqual(['  beck a   does a']);
    expect(
      examples(
        [
          ['beck a', 'does a'],
          ['beck b', 'b'],
        ],
        14,
      ),
    ).toEqual(['  # does a', '  beck a', '', '  # b', '  beck b']);
  });
});
