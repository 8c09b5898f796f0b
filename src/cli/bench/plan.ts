/**
 * `beck bench`: how fast writing and reading are here. This room knows what is asked (`BenchPlan`), how the work is shared out
 * to processes (`parties.ts`), what each of them does (`party.ts`, `writer.ts`, `reader.ts`) and how the result is shown
 * (`page.ts`). It must not know how anything is stored: writers and readers ask the Cluster what any command may ask.
 *
 * Invariants
 * B1  Every writer and reader is a process of its own, and all begin at one word; starting Node is never measured.
 * B2  The value of each record begins with when it was given (`STAMP_BYTES` digits, µs of the monotonic clock, which all
 *     processes of a machine share), so that a reader knows how long it was on its way.
 * B3  A paced record that could not be given in time counts from when it was due: a slow log cannot hide behind its own waiting.
 */
import type { Acks, Codec } from '../../types.ts';

/** What is asked of a run. Records and rate are those of all writers together. */
export interface BenchPlan {
  readonly topic: string;
  readonly records: number;
  /** Bytes of a value. */
  readonly size: number;
  /** So many different keys; 0: none. */
  readonly keys: number;
  /** Records a commit; 0: as `produce` makes them. */
  readonly batch: number;
  /** Records a second; 0: flat out. */
  readonly rate: number;
  readonly writers: number;
  readonly readers: number;
  readonly acks: Acks;
  readonly codec: Codec;
}

/** What one process does of it. */
export interface Part extends Omit<BenchPlan, 'writers' | 'readers'> {
  readonly role: 'writer' | 'reader';
  /** A reader follows from the end when somebody writes; else it reads what is there. */
  readonly follow: boolean;
}

/** How long a writer that is paced writes when nobody says how much. */
const PACED_SECONDS = 10;
const FLAT_OUT_RECORDS = 1_000_000;

/** So many records when none are asked for. */
export function defaultRecords(rate: number): number {
  return rate > 0 ? Math.ceil(rate * PACED_SECONDS) : FLAT_OUT_RECORDS;
}

/** The parts of a plan: writers share the records and the rate, each reader reads all. */
export function partsOf({ writers, readers, ...plan }: BenchPlan): Part[] {
  const follow = writers > 0;
  const share = (i: number) =>
    Math.floor(((i + 1) * plan.records) / writers) - Math.floor((i * plan.records) / writers);
  return [
    ...Array.from({ length: readers }, (): Part => ({ ...plan, role: 'reader', follow })),
    ...Array.from(
      { length: writers },
      (_, i): Part => ({ ...plan, role: 'writer', follow, records: share(i), rate: plan.rate / writers }),
    ),
  ];
}
