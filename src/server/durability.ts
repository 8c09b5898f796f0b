import type { Durability } from '../store/store.ts';
import type { ServerSettings } from './handler.ts';

/** How durably that is stored which a client relies on after a power cut; in a data directory that goes with the server, less. */
export function reliable({ ephemeral }: ServerSettings): Durability {
  return ephemeral ? 'normal' : 'full';
}
