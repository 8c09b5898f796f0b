/** Several processes that commit into one topic as fast as they can: does any of them starve? */
import { absolute, type Row } from './row.ts';
import type { Section } from './setting.ts';

const GROUP = 'Writers at once (absolute)';
/** How many, and what is wanted of the worst wait (ms). */
const WRITERS = [
  { count: 8, wanted: 250 },
  { count: 16, wanted: undefined },
];

export const writers: Section = async ({ ground, commits }) =>
  WRITERS.map(({ count, wanted }): Row => {
    const dataDir = ground.topic();
    const args = ['bench', 't', '--data-dir', dataDir, '--writers', `${count}`, '--readers', '0', '--batch', '1'];
    const { stdout } = ground.beck([...args, '--records', `${commits}`, '--json'], { dataDir });
    const { sides } = JSON.parse(stdout) as { sides: { latency: { max: number } | null }[] };
    return {
      group: GROUP,
      what: `${count} writers: worst wait`,
      ...absolute([sides[0]?.latency?.max ?? Number.NaN], 'ms'),
      wanted,
      method: `the longest commit of beck bench, ${count} processes that store ${commits} records together, a durable commit each`,
    };
  });
