import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BrokerError } from '../errors.ts';
import { Groups } from '../group/groups.ts';
import { LogRows } from '../log/rows.ts';
import { type Salvage, salvageLog } from '../log/salvage/salvage.ts';
import { makeFolder } from '../store/make-folder.ts';
import { DATABASE_FILE, Store, type StoreOptions } from '../store/store.ts';
import { Topics } from '../topic/topics.ts';
import { Transactions } from '../txn/transactions.ts';
import type { Broker } from './broker.ts';
import type { Steps } from './steps.ts';
import { blockingPatience } from './wait.ts';

/** Of the file system that is copied to. */
export type CopyOptions = Pick<StoreOptions, 'allowUnsafeFs' | 'probe'>;

/** Where the copy is while it is not whole. */
const PARTIAL = 'partial';

/**
 * Copies a live broker, as it is at one moment, into a folder that can be opened like any data directory. Others go on
 * writing meanwhile. Throws TARGET_EXISTS, STORAGE_*.
 */
export function* snapshotSteps(
  broker: Broker,
  into: string,
  options: CopyOptions = {},
): Steps<{ readonly path: string; readonly bytes: number }> {
  const { path } = yield* intoNewFolder(into, (partial) => copied(broker, partial, options));
  return { path, bytes: statSync(join(path, DATABASE_FILE)).size };
}

/** Processes are at work on the original: what they have open there is aborted in the copy, or its readers would wait for ever. */
function* copied({ store, clock }: Broker, partial: string, options: CopyOptions): Steps<void> {
  yield* store.copyInto(partial, options);
  const target = Store.create(partial, { patience: blockingPatience(), ...options });
  try {
    const transactions = new Transactions(target, new LogRows(target), new Groups(target, new Topics(target)));
    const alone = { now: clock.now(), isGone: () => true, sees: () => true };
    const left = target.read(() => transactions.overdue(alone));
    if (left.length > 0) target.write(() => left.map((id) => transactions.settle(id, alone)));
    target.checkpoint('truncate');
  } finally {
    target.close();
  }
}

/** Copies what can be read of a damaged broker into a folder of its own; the damaged one is left as it is. Throws as above. */
export function* salvageSteps(
  { store }: Broker,
  into: string,
  options: CopyOptions = {},
): Steps<Salvage & { readonly path: string }> {
  const { path, result } = yield* intoNewFolder(into, (partial) =>
    filled(Store.create(partial, { patience: blockingPatience(), ...options }), (target) => salvageLog(store, target)),
  );
  return { path, ...result };
}

/** The database appears under its name only when it is whole; whoever stops in between leaves an empty folder. */
function* intoNewFolder<T>(
  into: string,
  fill: (partial: string) => Steps<T>,
): Steps<{ readonly path: string; readonly result: T }> {
  const path = resolve(into);
  claimFolder(path);
  const partial = join(path, PARTIAL);
  try {
    const result = yield* fill(partial);
    renameSync(join(partial, DATABASE_FILE), join(path, DATABASE_FILE));
    return { path, result };
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function* filled<T>(target: Store, fill: (target: Store) => Steps<T>): Steps<T> {
  try {
    const result = yield* fill(target);
    target.checkpoint('truncate');
    return result;
  } finally {
    target.close();
  }
}

function claimFolder(dir: string): void {
  if (existsSync(dir) && (!statSync(dir).isDirectory() || readdirSync(dir).length > 0)) {
    throw new BrokerError('TARGET_EXISTS', { path: dir });
  }
  makeFolder(dir);
}
