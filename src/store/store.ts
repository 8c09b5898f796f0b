/**
 * The cellar: one SQLite database in a data directory, opened by any number of processes at once.
 *
 * The room knows SQLite: pragmas, transactions, the disk format (schema.ts), which errors mean what. It must not know what
 * a record or a group is, what time it is, or how to wait: waiting is a `Patience` that comes from above.
 *
 * Invariants
 * S1  Every write is one BEGIN IMMEDIATE … COMMIT: all of it or nothing, never an upgrade from a read.
 * S2  SQLite's own busy handler is off; a busy database is tried again as the patience says, then STORAGE_BUSY.
 * S3  A file that is damaged, foreign or newer is refused before anything is written to it or beside it.
 * S4  A statement's rows are read to the end before `read` or `write` returns; no iterator outlives them.
 * S5  When little space is left, a commit goes from the WAL into the database at once. On a full disk a WAL that the database
 *     has to grow for could not be emptied any more, and so nothing be freed; a commit or two fit into the ballast.
 * S6  The WAL stays below 64 MB, unless somebody reads one view for long: whoever finds it at half of that begins it anew.
 * S7  What is written `full` is on the disk when `write` returns. Others may see it a moment before; whatever they write then lies
 *     behind it in the same WAL, so nothing that depends on it can outlive it.
 */
import { join } from 'node:path';
import { BrokerError } from '../errors.ts';
import { type Connection, type Durability, NO_PATIENCE, type Statement, type Unsynced } from './connection.ts';
import { copySteps } from './copy.ts';
import { inspectFile, missingEnd } from './inspect-file.ts';
import { integrityProblems } from './integrity.ts';
import { makeFolder } from './make-folder.ts';
import { openConnection, openNowhere, type StoreOptions } from './open-connection.ts';
import { acceptMissingEnd } from './prepare-file.ts';
import { copyForReading, type ReadingCopy } from './reading-copy.ts';
import { isCorrupt, translate } from './sqlite-errors.ts';
import { Vacuum } from './vacuum.ts';

export type { Durability, Patience, Statement } from './connection.ts';
export type { OpenDatabase, StoreOptions } from './open-connection.ts';
export { NO_PATIENCE };

export const DATABASE_FILE = 'beck.db';

export class Store {
  readonly #connection: Connection;
  readonly #copy: ReadingCopy | undefined;
  readonly #vacuum: Vacuum;

  private constructor(connection: Connection, copy?: ReadingCopy) {
    this.#connection = connection;
    this.#copy = copy;
    this.#vacuum = new Vacuum(connection);
  }

  /** Of the database file; `:memory:` of a store that is nowhere. */
  get path(): string {
    return this.#connection.path;
  }

  /** Opens the database in `dir`, creating folder (0700) and file where they are missing. Throws STORAGE_*. */
  static create(dir: string, options: StoreOptions): Store {
    makeFolder(dir);
    return new Store(openConnection(join(dir, DATABASE_FILE), options));
  }

  /** Opens what is there; null where there is nothing (nothing is created). Throws STORAGE_*. */
  static existing(dir: string, options: StoreOptions): Store | null {
    const path = join(dir, DATABASE_FILE);
    return inspectFile(path) === 'ours' ? new Store(openConnection(path, options)) : null;
  }

  /**
   * As `existing`, for those who only read: where SQLite cannot write what it needs beside the database (a read-only folder, a
   * full disk) a copy in a temporary folder is read. `path` stays the original's; each write fails with STORAGE_READ_ONLY.
   */
  static reading(dir: string, options: StoreOptions): Store | null {
    try {
      return Store.existing(dir, options);
    } catch (error) {
      if (!(error instanceof BrokerError) || !/^STORAGE_(READ_ONLY|FULL)$/.test(error.code)) throw error;
      return Store.#openCopy(join(dir, DATABASE_FILE), options);
    }
  }

  /** As `reading`, for those who look for damage: a file whose end is missing can be read as far as it goes. */
  static inspecting(dir: string, options: StoreOptions): Store | null {
    try {
      return Store.reading(dir, options);
    } catch (error) {
      const path = join(dir, DATABASE_FILE);
      if (!isCorrupt(error) || missingEnd(path) === undefined) throw error;
      return new Store(openConnection(path, { ...options, prepare: acceptMissingEnd }));
    }
  }

  static #openCopy(path: string, options: StoreOptions): Store {
    const copy = copyForReading(path, options.patience);
    try {
      return new Store(openConnection(path, { ...options, file: copy.path }), copy);
    } finally {
      // It is open, and so stays; what has no name any more is left behind by nobody, not even by those who are killed.
      copy.remove();
    }
  }

  /** An empty store that is nowhere: what a reader sees where there is no data directory. */
  static nowhere(): Store {
    return new Store(openNowhere());
  }

  /** A prepared statement, made once for each text. SQL text stands only in this room and in files named rows.ts. */
  prepare(sql: string): Statement {
    return this.#connection.prepare(sql);
  }

  /** Runs `fn` on one consistent view of the file. `fn` must not write, return a promise, or leave an iterator open. */
  read<T>(fn: () => T): T {
    return this.#connection.read(fn);
  }

  /**
   * Runs `fn` in one write transaction (S1), waiting for its turn (S2); it is as durable as asked when this returns. `onVisible` is
   * called when others can see it, which may be before it is on the disk (S7). Throws what `fn` throws, after rolling back.
   */
  write<T>(fn: () => T, durability: Durability = 'full', onVisible?: () => void): T {
    this.#refuseCopy({});
    return this.#connection.write(fn, durability, onVisible);
  }

  /**
   * As `write` of what is to be durable, for those who sync by themselves: it is on the disk once `unsynced` was synced, from now on
   * and before `close`.
   */
  writeUnsynced<T>(fn: () => T, onVisible: () => void): Unsynced<T> {
    this.#refuseCopy({});
    return this.#connection.writeUnsynced(fn, onVisible);
  }

  /** Throws STORAGE_READ_ONLY when this is a copy: what is written to the original would never be seen here. */
  refuseFollowing(): void {
    this.#refuseCopy({ hint: 'without -f it is read as it is now' });
  }

  #refuseCopy(hint: { readonly hint?: string }): void {
    if (this.#copy === undefined) return;
    throw new BrokerError('STORAGE_READ_ONLY', {
      path: this.path,
      problem: 'this is a copy, because SQLite cannot write beside it',
      ...hint,
    });
  }

  /** Changes when another connection has committed (about 1 µs); own commits don't change it. */
  dataVersion(): number {
    return this.#connection.patiently(
      () => (this.prepare('PRAGMA data_version').get() as { data_version: number }).data_version,
    );
  }

  /** How often this connection has written: what `dataVersion` does not tell. */
  get writes(): number {
    return this.#connection.writes;
  }

  /** As `integrityProblems` of integrity.ts. */
  integrityProblems(): string[] {
    return integrityProblems(this.#connection);
  }

  /** Bytes of the file that hold nothing and could be given back. */
  freeBytes(): number {
    return this.#vacuum.freeBytes;
  }

  /**
   * Gives back up to `bytes` of free space, as one write, or less when `isEnough` says so, which is asked every few pages. Answers how
   * much is still free. Under the write lock 4 MB take about 5 ms.
   */
  vacuum(bytes: number, isEnough = () => false): number {
    this.#refuseCopy({});
    this.#vacuum.give(bytes, isEnough);
    return this.freeBytes();
  }

  /** As `Wal.keepSmall`. */
  keepWalSmall(): boolean {
    return this.#connection.wal.keepSmall();
  }

  /** As `Wal.checkpoint`. */
  checkpoint(mode: 'passive' | 'truncate' = 'passive'): void {
    this.#connection.wal.checkpoint(mode);
  }

  /**
   * Copies everything, as it is at one moment, into the database of a data directory that is made for it. Each `next()` is a step
   * of some MB; others write meanwhile, this store must not. Throws STORAGE_*.
   */
  *copyInto(
    dir: string,
    options: Pick<StoreOptions, 'allowUnsafeFs' | 'probe'> = {},
  ): Generator<{ readonly done: number; readonly total: number }> {
    Store.create(dir, { patience: NO_PATIENCE, ...options }).close();
    const path = join(dir, DATABASE_FILE);
    try {
      yield* copySteps(this.#connection.db, path);
    } catch (error) {
      throw translate(error, path);
    }
  }

  /** False for a copy, of a folder that cannot be written, and for what is nowhere. */
  get isWritable(): boolean {
    return this.#copy === undefined && this.path !== ':memory:';
  }

  get isOpen(): boolean {
    return this.#connection.db.open;
  }

  /** Closes cleanly; the last one to close also moves the WAL into the database. */
  close(): void {
    this.#connection.close();
    this.#copy?.remove();
  }
}
