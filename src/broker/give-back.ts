import { VACUUM_SLICE_BYTES } from '../settings.ts';
import type { Broker } from './broker.ts';
import type { Steps } from './steps.ts';

/** Gives free space back to the file system, a few MB a step, keeping the WAL small as it goes. */
export function* giveBackSteps({ store }: Broker): Steps<void> {
  const total = store.freeBytes();
  for (let free = total; free > 0; ) {
    const left = store.vacuum(VACUUM_SLICE_BYTES);
    if (left >= free) return;
    free = left;
    yield { done: total - free, total };
  }
}
