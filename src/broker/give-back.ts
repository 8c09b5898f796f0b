import { monotonic } from '../clock.ts';
import { VACUUM_CHECKPOINT_BYTES, VACUUM_SLICE_BYTES, VACUUM_SLICE_MS } from '../settings.ts';
import type { Broker } from './broker.ts';
import type { Steps } from './steps.ts';

/**
 * Gives free space back to the file system, a few MB or ms a step. Pages that are still used move to the front of the file, through the
 * WAL, and from there into the database here: SQLite would let whoever commits next do it, and that is a producer.
 *
 * Somebody who reads one view for long keeps all of that in the WAL, so then it waits, for `patienceMs`; what is left is for the next
 * who does this.
 */
export function* giveBackSteps({ store }: Broker, patienceMs = 0): Steps<void> {
  const total = store.freeBytes();
  let free = total;
  let checkpointed = total;
  for (let until = monotonic() + patienceMs; free > 0; yield { done: Math.max(0, total - free), total }) {
    if (store.keepWalSmall()) {
      free = store.vacuum(VACUUM_SLICE_BYTES, within(VACUUM_SLICE_MS));
      until = monotonic() + patienceMs;
    } else if (monotonic() >= until) return;
    if (checkpointed - free < VACUUM_CHECKPOINT_BYTES) continue;
    store.checkpoint();
    checkpointed = free;
  }
}

/** Answers whether so many ms have passed since it was asked first. */
function within(ms: number): () => boolean {
  let until: number | undefined;
  return () => {
    until ??= monotonic() + ms;
    return monotonic() >= until;
  };
}
