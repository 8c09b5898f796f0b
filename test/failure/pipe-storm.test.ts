/**
 * Several `beck pipe` of one group, whose commands, or they themselves, or both are killed at random moments, until every record is
 * through: what comes out is what the command makes of what went in, exactly, in the order of each partition.
 *
 * BECK_PIPED_RECORDS=N for more of them (a million in a minute), BECK_SEED=N for the same storm again.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { type Beck, it, unix } from '../support/e2e.ts';
import type { GroupWatch } from '../support/group-watch.ts';
import type { Live } from '../support/run-beck.ts';
import { seeded } from '../support/seed.ts';

const RECORDS = Number(process.env.BECK_PIPED_RECORDS ?? 200_000);
const PARTITIONS = 4;
const PIPES = 3;
/** Records of one run of the command: few, so that there are many moments to be killed in. */
const BATCH = '500';
/** At most so much of all is brought through between two kills, and so long (ms) is waited after that. */
const STRETCH = 0.05;
const PAUSE_MS = 50;

type Victim = 'the command' | 'beck' | 'both';

interface Case {
  readonly what: string;
  readonly records: number;
  readonly victims: readonly Victim[];
  readonly flags: readonly string[];
  readonly command: readonly string[];
  /** What each line becomes in each topic, by the number it begins with. */
  readonly outputs: Readonly<Record<string, (n: number, line: string) => readonly string[]>>;
}

const CASES: readonly Case[] = [
  {
    what: 'what a command drops is dropped, what it doubles is doubled',
    records: RECORDS,
    victims: ['the command', 'beck', 'both'],
    flags: [],
    command: ['awk', '$1 % 10 != 0 { print "out", $0 } $1 % 10 == 5 { print "twice", $0 }'],
    outputs: {
      out: (n, line) => [...(n % 10 === 0 ? [] : [`out ${line}`]), ...(n % 10 === 5 ? [`twice ${line}`] : [])],
    },
  },
  {
    // A command that is killed has failed, on whichever record stands alone then.
    what: 'what it fails on is set aside, and nothing else',
    records: RECORDS / 10,
    victims: ['beck'],
    flags: ['--on-error', 'dlq', 'failed'],
    command: ['awk', '{ print "out", $0 } $1 % 1000 == 777 { exit 1 }'],
    outputs: {
      out: (n, line) => (n % 1000 === 777 ? [] : [`out ${line}`]),
      failed: (n, line) => (n % 1000 === 777 ? [line] : []),
    },
  },
];

class PipeStorm {
  readonly kills = new Map<Victim, number>();
  readonly #beck: Beck;
  readonly #random: () => number;
  readonly #case: Case;
  readonly #watch: GroupWatch;
  #running: Live[] = [];

  constructor(beck: Beck, random: () => number, of: Case) {
    this.#beck = beck;
    this.#random = random;
    this.#case = of;
    this.#watch = beck.watchGroup('g');
  }

  async rage(): Promise<void> {
    for (let turn = 0; !this.#isThrough; turn++) {
      while (this.#running.length < PIPES) this.#running.push(this.#start());
      const { victims, records } = this.#case;
      const goal = this.#through + this.#random() * STRETCH * records;
      await this.#watch.until(() => this.#through >= Math.min(goal, records));
      await setTimeout(this.#random() * PAUSE_MS);
      await this.#kill(this.#oneOf(this.#running), victims[turn % victims.length] as Victim);
      this.#running = this.#running.filter((live) => !live.hasEnded);
    }
    for (const live of this.#running) live.kill();
    await Promise.all(this.#running.map((live) => live.ended));
  }

  /** Half of them have their commands write into FIFOs, where there are any; the others into sockets, as on other systems. */
  #start(): Live {
    const { flags, command } = this.#case;
    const fifos = this.#random() < 0.5;
    const env = fifos ? {} : { PATH: [withoutFifos(this.#beck.folder), process.env['PATH']].join(delimiter) };
    return this.#beck.spawn(['pipe', 'in', 'out', '-g', 'g', '--batch', BATCH, ...flags, '--', ...command], { env });
  }

  async #kill(live: Live, victim: Victim): Promise<void> {
    if (victim === 'beck') live.kill('SIGKILL');
    else if (victim === 'both') live.killAll();
    else if (!(await this.#killCommands(live))) return;
    const { code, signal, stderr } = await live.ended;
    if (victim === 'the command') expect([code, stderr]).toEqual([1, expect.stringContaining('COMMAND_FAILED')]);
    else expect([signal, stderr]).toEqual(['SIGKILL', expect.stringMatching(/^(in .* written to failed\n)*$/)]);
    this.kills.set(victim, (this.kills.get(victim) ?? 0) + 1);
  }

  /** Until it says that one has failed (the first may have been over but for its name), or there are no more. */
  async #killCommands(live: Live): Promise<boolean> {
    while (!live.hasEnded && !this.#isThrough) {
      killChildren(live.pid);
      await setImmediate();
    }
    return live.hasEnded;
  }

  /** Records that have been brought through. */
  get #through(): number {
    return Object.values(this.#watch.committed()).reduce((sum, offset) => sum + offset, 0);
  }

  get #isThrough(): boolean {
    return this.#through === this.#case.records;
  }

  #oneOf<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T;
  }
}

describe.runIf(unix)('beck pipe, killed again and again', () => {
  it.for(CASES)('$records records: $what', { timeout: 60_000 + RECORDS }, async (one, { beck }) => {
    await beck.ok(['topic', 'create', 'in', ...Object.keys(one.outputs), '-p', `${PARTITIONS}`]);
    const given = (p: number) => Array.from({ length: one.records / PARTITIONS }, (_, n) => `${n} of ${p}`);
    for (let p = 0; p < PARTITIONS; p++) await beck.produce('in', `${given(p).join('\n')}\n`, '-p', `${p}`);
    const storm = new PipeStorm(beck, seeded(`pipe storm: ${one.what}`), one);
    await storm.rage();
    for (const [topic, outputOf] of Object.entries(one.outputs))
      for (let p = 0; p < PARTITIONS; p++) {
        const wanted = given(p).flatMap((line, n) => outputOf(n, line));
        expect(firstDifference(await beck.lines(topic, '-p', `${p}`), wanted), `${topic} ${p}`).toBeUndefined();
      }
    for (const victim of one.victims) expect(storm.kills.get(victim), victim).toBeGreaterThan(0);
    expect(JSON.parse((await beck.ok(['txn', 'list', '--json'])).stdout)).toEqual([]);
  });
});

/** Kills what a process has started. Linux says at once what that is; elsewhere somebody must be asked. */
function killChildren(pid: number): void {
  const children = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(children)) return void spawnSync('pkill', ['-KILL', '-P', `${pid}`]);
  for (const child of readFileSync(children, 'utf8').split(' ').filter(Boolean)) {
    try {
      process.kill(Number(child), 'SIGKILL');
    } catch {
      // It is over already.
    }
  }
}

/** A folder whose mkfifo makes none. */
function withoutFifos(folder: string): string {
  writeFileSync(join(folder, 'mkfifo'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  return folder;
}

/** Where two lists part, and how they go on there. */
function firstDifference(came: readonly string[], wanted: readonly string[]): object | undefined {
  const longest = Math.max(came.length, wanted.length);
  const at = Array.from({ length: longest }, (_, i) => i).find((i) => came[i] !== wanted[i]);
  return at === undefined ? undefined : { at, came: came.slice(at, at + 3), wanted: wanted.slice(at, at + 3) };
}
