import type { Ground } from './ground.ts';
import type { Row } from './row.ts';

/** How large a run is. */
export interface Setting {
  readonly ground: Ground;
  /** Lines of the large file. */
  readonly lines: number;
  /** Records of a large transaction. */
  readonly transaction: number;
  readonly rounds: number;
  readonly startUpRounds: number;
  /** Where a few hundredths of CPU time are looked for: one round is off by a tenth. */
  readonly cpuRounds: number;
  /** Bytes of a small and of a large topic. */
  readonly small: number;
  readonly large: number;
  readonly partitions: number;
  /** Groups that are described at once. */
  readonly groups: number;
  /** For how long a follower is watched, in seconds. */
  readonly followSeconds: number;
  /** Commits of many writers together. */
  readonly commits: number;
  /** A broker of Kafka's. */
  readonly kafka: string | undefined;
}

/** Measures one group of rows. */
export type Section = (setting: Setting) => Promise<readonly Row[]>;
