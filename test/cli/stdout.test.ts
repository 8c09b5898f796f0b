/** The one owner of stdout, as processes see it: every test runs a program in a real pipeline. */
import { openSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProbe, ended, type Probe } from './probe.ts';

let probe: Probe;
beforeAll(async () => {
  probe = await buildProbe();
});
afterAll(() => probe.remove());

const rss = (stderr: string): number => Number(/rss (\d+)/.exec(stderr)?.[1]);

describe('every byte arrives', () => {
  it.each([
    ['a pipe', '$probe print 20000 | cat'],
    ['a reader that is asleep', '$probe print 20000 | (sleep 1; cat)'],
    ['a reader that takes little at a time', '$probe print 20000 100 | dd bs=512 status=none'],
    ['large writes into a reader that is asleep', '$probe print 20000 20000 | (sleep 1; cat)'],
    ['a file', 'file=$(mktemp) && $probe print 20000 > $file; wc -c < $file; cat $file; rm $file'],
  ])('%s', async (_, line) => {
    const { code, stdout } = await probe.shell(line);
    expect(code).toBe(0);
    expect(stdout.subarray(-2_000_000).equals(expected(20_000))).toBe(true);
  });

  it('a socket', async () => {
    const { code, stdout } = await probe.run(['print', '20000']);
    expect([code, stdout.equals(expected(20_000))]).toEqual([0, true]);
  });

  it('in memory that does not grow with what is written', async () => {
    const little = await probe.shell('$probe print 1000 100 | (sleep 0.5; wc -c)');
    const much = await probe.shell('$probe print 3000000 1000 | (sleep 0.5; wc -c)');
    expect(String(much.stdout).trim()).toBe('300000000');
    // What V8 has not collected yet is counted too.
    expect(rss(much.stderr) - rss(little.stderr)).toBeLessThan(100e6);
  });
});

describe('a reader that leaves (I3)', () => {
  it.each([
    ['at once', '$probe print 100000 | true'],
    ['after some lines', '$probe print 100000 | head -2 > /dev/null'],
    ['in the middle of a large write', '$probe print 1000000 1000000 | head -c 70000 > /dev/null'],
  ])('%s', async (_, line) => {
    const { code, stderr } = await probe.shell(line);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^rss \d+\n$/);
  });

  it('a socket that is closed', async () => {
    const child = probe.start(['print', '100000']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    expect((await ended(child)).code).toBe(0);
  });
});

describe('nowhere to write', () => {
  it('a closed descriptor takes everything', async () => {
    expect(await probe.shell('$probe print 3 >&-')).toMatchObject({ code: 0 });
  });

  it('/dev/null takes everything', async () => {
    expect(await probe.shell('$probe print 20000 > /dev/null')).toMatchObject({ code: 0 });
  });

  it.runIf(process.platform === 'linux')('a full disk is an error, not a loss', async () => {
    const full = openSync('/dev/full', 'w');
    const { code, stderr } = await probe.run(['print', '3'], { stdio: ['ignore', full, 'pipe'] });
    expect([code, stderr]).toEqual([
      5,
      'cannot write the output: ENOSPC: no space left on device, write (OUTPUT_UNWRITABLE)\n',
    ]);
  });
});

describe.runIf(process.platform === 'linux')('an idle follower', () => {
  it.each([
    ['that nobody ever reads', '$probe follow | true'],
    ['whose reader leaves', '$probe follow | sleep 0.2'],
    ['whose reader is replaced before it leaves', '$probe follow | (sleep 0.2; exec sleep 0.2)'],
    [
      'whose pipe is handed on to a reader in the background',
      '$probe follow | (exec 3<&0; (sleep 0.6 <&3) & exec true)',
    ],
  ])('%s ends quietly', async (_, line) => {
    const { code, stdout, stderr } = await probe.shell(line);
    expect([code, String(stdout), stderr]).toEqual([0, '', 'ready\nreader gone\n']);
  });

  it('whose reader stays goes on', async () => {
    const { code, stderr } = await probe.shell('(timeout -s INT 1.5 $probe follow; echo "code $?" >&2) | cat');
    expect([code, stderr]).toEqual([0, 'ready\ninterrupted\ncode 124\n']);
  });
});

function expected(lines: number): Buffer {
  return Buffer.from(Array.from({ length: lines }, (_, i) => `${String(i).padStart(99, '.')}\n`).join(''));
}
