import { BrokerError } from '../errors.ts';
import { Ballast } from '../store/ballast.ts';
import { Store, type StoreOptions } from '../store/store.ts';

/**
 * What is done with a data directory. `create` makes it, and what is missing in it; the others create nothing. `read` is content
 * with one that cannot be written (a copy is read), `inspect` (for those who look for damage) with a file whose end is missing
 * too, `reclaim` (for those who free space) comes in even where the disk is full.
 */
export type OpenMode = 'read' | 'inspect' | 'existing' | 'reclaim' | 'create';

type Open = (dir: string, options: StoreOptions) => Store | null;

const OPEN: Readonly<Record<OpenMode, Open>> = {
  read: Store.reading,
  inspect: Store.inspecting,
  existing: Store.existing,
  reclaim: onFullDisk(Store.existing),
  create: Store.create,
};

/** The store of a data directory; an empty one where there is none. Throws STORAGE_*. */
export function openStore(dir: string, mode: OpenMode, options: StoreOptions): Store {
  return OPEN[mode](dir, options) ?? Store.nowhere();
}

/**
 * Opening takes some space (a WAL, shared memory), so on a full disk the ballast is thrown off already for that.
 * `Broker.withReserve` makes it again.
 */
function onFullDisk(open: Open): Open {
  return (dir, options) => {
    try {
      return open(dir, options);
    } catch (error) {
      if (!(error instanceof BrokerError) || error.code !== 'STORAGE_FULL') throw error;
      new Ballast(dir).release();
      return open(dir, options);
    }
  };
}
