/** Several processes on one data directory: equals, without a lock to wait for, and nothing half when one of them dies. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type Beck, it, numbered } from '../support/e2e.ts';
import { problemsOf } from '../support/problems-of.ts';
import { seeded } from '../support/seed.ts';

/** As `it.for([...])`: how many becks at once. */
const EIGHT = Array.from({ length: 8 }, (_, i) => i);

describe('eight processes at once', () => {
  it('make the data directory and the same topic, all for the first time', async ({ beck }) => {
    const ran = await Promise.all(EIGHT.map(() => beck.run(['topic', 'create', 't', '-p', '3', '--if-not-exists'])));
    expect(ran.map(({ code, stderr }) => [code, stderr])).toEqual(EIGHT.map(() => [0, '']));
    const [topic] = JSON.parse((await beck.ok(['topic', 'list', '--json'])).stdout);
    expect(topic).toMatchObject({ topic: 't', partitions: 3, records: 0 });
  });

  it('make the same topic without --if-not-exists: one of them does, seven are told', async ({ beck }) => {
    const ran = await Promise.all(EIGHT.map(() => beck.run(['topic', 'create', 't'])));
    expect(ran.map(({ code }) => code).sort()).toEqual([0, 4, 4, 4, 4, 4, 4, 4]);
  });

  it('make topics of their own in an empty directory', async ({ beck }) => {
    const ran = await Promise.all(
      EIGHT.map((i) => beck.run(['produce', `t${i}`, '--create', '-k', 'k'], { stdin: 'x\n' })),
    );
    expect(ran.map(({ code, stderr }) => [code, stderr])).toEqual(EIGHT.map(() => [0, '']));
    for (const i of EIGHT) expect(await beck.lines(`t${i}`)).toEqual(['x']);
  });

  it('read and write an empty directory without a topic', async ({ beck }) => {
    const ran = await Promise.all(
      EIGHT.map((i) => beck.run(i % 2 === 0 ? ['topic', 'list'] : ['topic', 'create', `t${i}`])),
    );
    expect(ran.map(({ code, stderr }) => [code, stderr])).toEqual(EIGHT.map(() => [0, '']));
  });

  it.for([
    ['-p', '1'],
    ['-p', '3'],
  ])(
    'produce 2000 lines each into one topic of %s %s: dense offsets, every record once, in order',
    async (flags, { beck }) => {
      await beck.create('t', ...flags);
      const ran = await Promise.all(
        EIGHT.map((i) => beck.run(['produce', 't', '-k', `p${i}`], { stdin: numbered(2000, `p${i} `) })),
      );
      expect(ran.map(({ code, stderr }) => [code, stderr])).toEqual(EIGHT.map(() => [0, '']));
      await expectDense(beck, 't', 16_000);
      for (const i of EIGHT)
        expect((await beck.lines('t', '--key', `p${i}`)).join('\n')).toBe(numbered(2000, `p${i} `).trim());
    },
  );

  it('produce line by line, each its own commit, without an error', { timeout: 120_000 }, async ({ beck }) => {
    await beck.create('t');
    const producers = EIGHT.map(() => beck.spawn(['produce', 't', '-o', '%o\\n'], { stdin: 'pipe' }));
    await Promise.all(
      producers.map(async (producer, i) => {
        for (let n = 1; n <= 100; n++) {
          producer.write(`p${i} ${n}\n`);
          await producer.prints(n);
        }
        producer.end();
      }),
    );
    const ran = await Promise.all(producers.map((producer) => producer.ended));
    expect(ran.map(({ code, stderr }) => [code, stderr])).toEqual(EIGHT.map(() => [0, '']));
    const offsets = ran.flatMap(({ stdout }) => stdout.split('\n').slice(0, -1).map(Number));
    expect(offsets.sort((a, b) => a - b)).toEqual(Array.from({ length: 800 }, (_, i) => i));
  });

  it('produce large inputs, each with a writing thread', { timeout: 120_000 }, async ({ beck }) => {
    await beck.create('t');
    const input = numbered(40_000, 'a line that makes each input a few megabytes in all, so that threads write it: ');
    const ran = await Promise.all(EIGHT.map((i) => beck.run(['produce', 't', '-k', `p${i}`], { stdin: input })));
    expect(ran.map(({ code, stderr }) => [code, stderr])).toEqual(EIGHT.map(() => [0, '']));
    await expectDense(beck, 't', 320_000);
    expect((await beck.ok(['consume', 't', '--key', 'p3'])).stdout === input).toBe(true);
  });

  it('follow, produce, create and delete side by side', async ({ beck }) => {
    await beck.create('t');
    const followers = Array.from({ length: 3 }, () => beck.spawn(['consume', 't', '-f', '-n', '1000']));
    const churn = (async () => {
      for (let i = 0; i < 5; i++) {
        await beck.create(`churn-${i}`);
        await beck.ok(['topic', 'delete', `churn-${i}`, '--yes']);
      }
    })();
    await Promise.all([...Array.from({ length: 5 }, (_, i) => beck.produce('t', numbered(200, `p${i} `))), churn]);
    const ran = await Promise.all(followers.map((follower) => follower.ended));
    expect(ran.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ]);
    expect(new Set(ran.map(({ stdout }) => stdout)).size).toBe(1);
    expect(new Set(ran[0]?.stdout.split('\n')).size).toBe(1001);
  });
});

describe('kill -9', () => {
  it('while the data directory is made, at 20 random moments: the next one makes it', async ({ beck }) => {
    const random = seeded('killed at birth');
    let early = 0;
    for (let round = 0; round < 20; round++) {
      const dir = join(beck.folder, `birth-${round}`);
      const victim = beck.spawn(['topic', 'create', 't', '--data-dir', dir]);
      const file = join(dir, ['beck.db', 'beck.db-journal', 'beck.db-wal', 'ballast'][round % 4] as string);
      for (let turns = random() * 20; turns > 0 && !victim.hasEnded; turns -= existsSync(file) ? 1 : 0)
        await new Promise(setImmediate);
      victim.killAll();
      if ((await victim.ended).signal === 'SIGKILL') early++;
      await beck.ok(['topic', 'create', 't', '--if-not-exists', '--data-dir', dir]);
      await beck.ok(['produce', 't', '--data-dir', dir], { stdin: 'x\n' });
      expect(problemsOf(dir)).toEqual([]);
    }
    expect(early).toBeGreaterThan(0);
  });

  it('at 24 random moments loses no record whose offset was printed, and leaves nothing half', {
    timeout: 180_000,
  }, async ({ beck }) => {
    const random = seeded('the kill storm');
    await beck.create('t', '-p', '2');
    const acknowledged = new Map<string, string>();
    for (let round = 0; round < 24; round++) {
      const producer = beck.spawn(['produce', 't', '-o', '%p %o %v\\n'], { stdin: 'pipe' });
      const feeding = feed(producer, round, random);
      await producer.prints(1 + Math.floor(random() * 400)).catch(() => undefined);
      producer.kill('SIGKILL');
      const { stdout, signal } = await producer.ended;
      await feeding;
      expect(signal).toBe('SIGKILL');
      // What comes after the last newline is half a line of the echo, and says nothing.
      for (const line of stdout.split('\n').slice(0, -1)) {
        const [, place = '', value = ''] = /^(\d+ \d+) (.*)$/.exec(line) ?? [];
        expect(acknowledged.has(place), `${place} was given twice`).toBe(false);
        acknowledged.set(place, value);
      }
    }
    const stored = new Map(
      (await beck.lines('t', '-o', '%p %o %v\\n')).map((line) => [
        line.split(' ', 2).join(' '),
        line.split(' ').slice(2).join(' '),
      ]),
    );
    for (const [place, value] of acknowledged) expect([place, stored.get(place)]).toEqual([place, value]);
    expect(acknowledged.size).toBeGreaterThan(24);
    for (const value of stored.values()) expect(value).toMatch(/^round \d+ record \d+ \.*;$/);
    expect(new Set(stored.values()).size).toBe(stored.size);
    await expectDense(beck, 't', stored.size);
  });

  it('of one of two producers does not disturb the other', { timeout: 120_000 }, async ({ beck }) => {
    const random = seeded('the other producer');
    await beck.create('t');
    const survivor = beck.spawn(['produce', 't', '-o', '%o\\n'], { stdin: 'pipe' });
    for (let round = 1; round <= 8; round++) {
      const victim = beck.spawn(['produce', 't', '-k', 'victim', '-o', '%o\\n'], { stdin: 'pipe' });
      const feeding = feed(victim, round, random);
      survivor.write(`survivor ${round}\n`);
      await victim.prints(1 + Math.floor(random() * 100)).catch(() => undefined);
      victim.kill('SIGKILL');
      await Promise.all([victim.ended, feeding, survivor.prints(round)]);
    }
    survivor.end();
    expect(await survivor.ended).toMatchObject({ code: 0, stderr: '' });
    expect((await beck.lines('t', '--grep', '^survivor')).length).toBe(8);
  });

  it('of a large produce at random moments keeps a whole prefix of it', { timeout: 120_000 }, async ({ beck }) => {
    const random = seeded('the large one');
    await beck.create('t');
    for (let round = 0; round < 6; round++) {
      await beck.ok(['topic', 'create', `t${round}`]);
      const input = numbered(300_000, `round ${round} of a large input, line `);
      const producer = beck.spawn(['produce', `t${round}`, '-o', '%o\\n'], { stdin: input });
      await producer.prints(1 + Math.floor(random() * 100_000)).catch(() => undefined);
      producer.kill('SIGKILL');
      const printed = (await producer.ended).stdout.split('\n').length - 1;
      const { stdout } = await beck.ok(['consume', `t${round}`]);
      expect(stdout === input.slice(0, stdout.length)).toBe(true);
      expect(stdout.split('\n').length - 1).toBeGreaterThanOrEqual(printed);
    }
  });
});

/** Gives records of random sizes in random portions until the process is gone. */
async function feed(producer: ReturnType<Beck['spawn']>, round: number, random: () => number): Promise<void> {
  for (let n = 0; !producer.hasEnded && !producer.child.killed; ) {
    let portion = '';
    for (let i = random() * 20; i > 0; i--)
      portion += `round ${round} record ${n++} ${'.'.repeat(random() ** 4 * 5000)};\n`;
    producer.write(portion);
    await new Promise(setImmediate);
  }
}

/** Offsets of each partition are 0, 1, 2 …, and there are so many in all. */
async function expectDense(beck: Beck, topic: string, count: number): Promise<void> {
  const next = new Map<string, number>();
  for (const line of await beck.lines(topic, '-o', '%p %o\\n')) {
    const [partition = '', offset] = line.split(' ');
    expect(Number(offset)).toBe(next.get(partition) ?? 0);
    next.set(partition, Number(offset) + 1);
  }
  expect([...next.values()].reduce((a, b) => a + b, 0)).toBe(count);
}
