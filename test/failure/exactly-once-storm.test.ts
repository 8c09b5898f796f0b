/**
 * Transactions, plain producers, readers and pipes, of which some are killed, stopped, interrupted or aborted by others, over one
 * data directory, once on a disk that is full now and then; all that any of them was told is one history, and the judge of histories
 * finds nothing in it.
 *
 * BECK_SCENES=N for more of them, BECK_SEED=N for the same ones again (moments are the machine's own).
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { it, unix } from '../support/e2e.ts';
import { seeded } from '../support/seed.ts';
import { fillUp, noMount, smallDisk } from './small-disk.ts';
import { READ, Stage } from './stage.ts';

const SCENES = Number(process.env.BECK_SCENES ?? 64);
/** So many are played at once. */
const AT_ONCE = 3;
const MOST_RECORDS = 3000;
/** Room for what they all write, and for the pipes at the end. */
const DISK_BYTES = (24 + Math.ceil(SCENES / 2)) << 20;
/** For how long a disk is full, at most (ms). */
const FULL_MS = 1000;

/** What may happen, and how often among the others. */
type Plays = readonly (readonly [times: number, (stage: Stage) => Promise<unknown>])[];

const WRITING: Plays = [
  [4, (stage) => stage.produce(true, MOST_RECORDS).over],
  [3, (stage) => stage.endEarly(stage.produce(true, MOST_RECORDS), 'SIGKILL')],
  [3, (stage) => stage.endUnfinished(MOST_RECORDS, 'SIGKILL')],
  [2, (stage) => stage.endUnfinished(MOST_RECORDS, 'SIGINT')],
  [2, (stage) => stage.stopAWhile(stage.produce(true, MOST_RECORDS))],
  [2, (stage) => stage.produce(false, MOST_RECORDS).over],
  [2, (stage) => stage.endEarly(stage.produce(false, MOST_RECORDS), 'SIGKILL')],
];
const READING: Plays = [
  [3, (stage) => stage.read('committed')],
  [1, (stage) => stage.read('uncommitted')],
  [1, (stage) => stage.endEarly(stage.witness.read(READ, 'committed'), 'SIGKILL')],
  [1, (stage) => stage.anotherFollower()],
];
const MEDDLING: Plays = [
  [2, (stage) => stage.abortFromOutside(MOST_RECORDS)],
  [1, (stage) => stage.run('retention', 'run', 'compacted')],
  [1, (stage) => stage.run('topic', 'trim', 'trimmed', '--before', '-20', '--yes')],
  [3, (stage) => stage.killAPipe()],
  [2, (stage) => stage.stopAPipe()],
];

/** Deals each play as often as it is in the pack before any comes again. */
async function perform(stage: Stage, scenes: number, plays: Plays): Promise<void> {
  const pack = plays.flatMap(([times, play]) => Array.from({ length: times }, () => play));
  let left = scenes;
  let dealt: typeof pack = [];
  const next = () => {
    if (dealt.length === 0) dealt = [...pack];
    return dealt.splice(Math.floor(stage.random() * dealt.length), 1)[0];
  };
  const play = async () => {
    while (left-- > 0) await next()?.(stage);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, play));
}

describe.runIf(unix)('exactly once, in a storm', () => {
  it(`of ${SCENES} scenes`, { timeout: 60_000 + SCENES * 4000 }, async ({ beck }) => {
    const stage = new Stage(beck, seeded('exactly-once storm'));
    await stage.open({ pipes: true });
    await perform(stage, SCENES, [...WRITING, ...READING, ...MEDDLING]);
    expect(await stage.judgement()).toEqual({});
  });
});

describe.skipIf(noMount !== undefined)(
  `exactly once, on a disk that is full now and then (${noMount ?? 'a tmpfs'})`,
  () => {
    const scenes = Math.ceil(SCENES / 2);
    it(`of ${scenes} scenes`, { timeout: 60_000 + scenes * 4000 }, async ({ beck }) => {
      const disk = smallDisk(DISK_BYTES);
      const stage = new Stage(beck, seeded('exactly-once storm on a full disk'), join(disk, 'data'));
      const fillAWhile = () =>
        stage.meanwhileNothingCanBeWritten(async () => {
          fillUp(disk);
          await setTimeout(stage.random() * FULL_MS);
          rmSync(join(disk, 'filler'), { force: true });
        });
      await stage.open({ pipes: false });
      await perform(stage, scenes, [...WRITING, ...READING, [8, fillAWhile]]);
      expect(await stage.judgement()).toEqual({});
      expect(stage.problems).toEqual([]);
    });
  },
);
