/**
 * The docs are true: what the code can say by itself is made again here and compared. `npm run docs` (this file with `-u`)
 * writes it back.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../src/errors.ts';
import { renderCommands, renderReadme } from './support/docs.ts';

const ROOT = join(import.meta.dirname, '..');
const README = join(ROOT, 'README.md');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

describe('README.md', () => {
  const readme = readFileSync(README, 'utf8').replaceAll('\r\n', '\n');

  // Windows has other paths, and seldom a sh.
  it.skipIf(process.platform === 'win32')('shows what beck prints, and its tables are those of the code', async () => {
    await expect(await renderReadme(readme)).toMatchFileSnapshot(README);
  });

  it('names every error, and no other', () => {
    const named = [...readme.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(named.sort()).toEqual(Object.keys(ERRORS).sort());
  });

  it('says the two commands of a newcomer, which exist', () => {
    expect(readme).toContain('npm ci && npm run quickstart');
    expect(readme).toContain('npm ci && npm test');
    const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script as string);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['test', ...named]));
  });

  it.each(linksOf(readme))('%s leads somewhere', (link) => {
    const [file = '', anchor] = link.split('#');
    const text = readFileSync(join(ROOT, file || 'README.md'), 'utf8');
    if (anchor !== undefined) expect(anchorsOf(text)).toContain(anchor);
  });
});

describe('docs/commands.md', () => {
  it('is the help of every command', async () => {
    await expect(await renderCommands()).toMatchFileSnapshot(join(ROOT, 'docs', 'commands.md'));
  });
});

/** Links into the repository. */
function linksOf(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link as string)
    .filter((link) => !/^https?:/.test(link));
}

/** The anchors that GitHub makes of headings. */
function anchorsOf(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading as string);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
