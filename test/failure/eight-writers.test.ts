/** Eight processes that commit into one topic as fast as they can: nobody fails, nothing is lost or doubled, nobody starves. */
import { describe, expect } from 'vitest';
import { it } from '../support/e2e.ts';
import type { Live } from '../support/run-beck.ts';

const WRITERS = 8;
const COMMITS = 400;

describe('eight writers', () => {
  it(`of ${COMMITS} commits each: dense offsets, every record once, a fair share for everybody`, {
    timeout: 300_000,
  }, async ({ beck }) => {
    await beck.create('t');
    const writers = Array.from({ length: WRITERS }, (_, i) => {
      const live = beck.spawn(['produce', 't', '-k', `p${i}`, '-o', '%o\\n'], { stdin: 'pipe' });
      return { live, done: 0 };
    });
    // All are there before it begins: the first would be through before the last has started.
    for (const { live } of writers) live.write('here\n');
    await Promise.all(writers.map(({ live }) => live.prints(1)));
    let shares: number[] | undefined;
    await Promise.all(
      writers.map(async (writer, i) => {
        for (; writer.done < COMMITS; writer.done++) await commit(writer.live, `p${i} ${writer.done}`);
        shares ??= writers.map(({ done }) => done);
        writer.live.end();
      }),
    );
    const ran = await Promise.all(writers.map(({ live }) => live.ended));
    expect(ran.map(({ code, stderr }) => [code, stderr])).toEqual(ran.map(() => [0, '']));
    const offsets = ran.flatMap(({ stdout }) => stdout.split('\n').slice(0, -1).map(Number));
    const count = WRITERS * (COMMITS + 1);
    expect(offsets.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
    expect((await beck.lines('t', '-o', '%o\\n')).map(Number)).toEqual(offsets);
    for (const i of writers.keys()) {
      const own = ['here', ...Array.from({ length: COMMITS }, (_, n) => `p${i} ${n}`)];
      expect(await beck.lines('t', '--key', `p${i}`)).toEqual(own);
    }
    expect(Math.min(...(shares ?? [])), `commits when the first was done: ${shares}`).toBeGreaterThanOrEqual(
      COMMITS / 10,
    );
  });
});

/** One line, which is one batch and one commit, and its acknowledgement. */
function commit(live: Live, line: string): Promise<void> {
  const acknowledged = new Promise<void>((resolve, reject) => {
    live.child.stdout?.once('data', () => resolve());
    live.ended.then(() => reject(new Error(`it ended: ${live.stderr}`)), reject);
  });
  live.write(`${line}\n`);
  return acknowledged;
}
