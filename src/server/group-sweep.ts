import type { Broker } from '../broker/broker.ts';
import { monotonic } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import { GROUP_SWEEP_MS } from '../settings.ts';

/** A sweep that comes so much too late says that nobody could be heard meanwhile: the machine slept, or this process was busy. */
const LATE_MS = 2000;

/**
 * Looks now and then whose time is over in a group, for members that nobody asks about: sessions, and what a rebalance waits for.
 * Where the server itself was away, at its start too, every member behind a socket begins a new session first.
 */
export function sweepGroups(broker: Broker): () => void {
  let last = monotonic();
  let isExcused = false;
  const sweep = () => {
    if (monotonic() - last > GROUP_SWEEP_MS + LATE_MS) isExcused = false;
    last = monotonic();
    try {
      if (isExcused) return broker.socketGroups.sweep();
      broker.socketGroups.excuse();
      isExcused = true;
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
    }
  };
  sweep();
  const timer = setInterval(sweep, GROUP_SWEEP_MS).unref();
  return () => clearInterval(timer);
}
