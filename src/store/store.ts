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
import type BetterSqlite3 from 'better-sqlite3';
import { BrokerError } from '../errors.ts';
import { copySteps } from './copy.ts';
import { Database } from './driver.ts';
import { type ProbeFileSystem, probeFileSystem, refuseUnsafeFileSystem } from './file-system.ts';
import { inspectFile, missingEnd } from './inspect-file.ts';
import { makeFolder } from './make-folder.ts';
import { bindingProblem, nativeBinding } from './native-binding.ts';
import { acceptMissingEnd, initialise, prepareFile } from './prepare-file.ts';
import { copyForReading, type ReadingCopy } from './reading-copy.ts';
import { PAGE_SIZE } from './schema.ts';
import { isBusy, isCorrupt, translate } from './sqlite-errors.ts';
import { Wal } from './wal.ts';

export type Statement = BetterSqlite3.Statement<unknown[], unknown>;

/** `full`: the commit is on the disk (survives power loss). `normal`: it is in the kernel (survives `kill -9`). */
export type Durability = 'full' | 'normal';

/**
 * How to wait for a busy database: called once at the start of an operation, its answer once after each failed try. It
 * waits a little and says true, or false when the time is up.
 */
export type Patience = () => () => boolean;

/** Gives up at the first busy answer. */
export const NO_PATIENCE: Patience = () => () => false;

export interface StoreOptions {
  readonly patience: Patience;
  /** Use an unsafe file system all the same, alone: exclusive lock, rollback journal. */
  readonly allowUnsafeFs?: boolean | undefined;
  readonly probe?: ProbeFileSystem | undefined;
  /** What opens the file; a parameter so that tests can make any statement fail. */
  readonly open?: OpenDatabase | undefined;
}

interface OpenOptions extends StoreOptions {
  readonly prepare?: (db: BetterSqlite3.Database) => void;
}

/** Opens a database file with a busy timeout of 0: waiting is the patience's (S2). */
export type OpenDatabase = (path: string) => BetterSqlite3.Database;

export const DATABASE_FILE = 'beck.db';

export class Store {
  readonly path: string;
  readonly #db: BetterSqlite3.Database;
  readonly #patience: Patience;
  readonly #statements = new Map<string, Statement>();
  readonly #copy: ReadingCopy | undefined;
  readonly #wal: Wal;
  #durability: Durability = 'full';

  private constructor(db: BetterSqlite3.Database, path: string, patience: Patience, copy?: ReadingCopy) {
    this.#db = db;
    this.path = path;
    this.#patience = patience;
    this.#copy = copy;
    this.#wal = new Wal(db, path, patience);
  }

  /** Opens the database in `dir`, creating folder (0700) and file where they are missing. Throws STORAGE_*. */
  static create(dir: string, options: StoreOptions): Store {
    makeFolder(dir);
    return Store.#open(join(dir, DATABASE_FILE), options);
  }

  /** Opens what is there; null where there is nothing (nothing is created). Throws STORAGE_*. */
  static existing(dir: string, options: StoreOptions): Store | null {
    const path = join(dir, DATABASE_FILE);
    return inspectFile(path) === 'ours' ? Store.#open(path, options) : null;
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
      return Store.#open(path, { ...options, prepare: acceptMissingEnd });
    }
  }

  static #openCopy(path: string, options: StoreOptions): Store {
    const copy = copyForReading(path, options.patience);
    try {
      return Store.#open(path, options, copy);
    } finally {
      // It is open, and so stays; what has no name any more is left behind by nobody, not even by those who are killed.
      copy.remove();
    }
  }

  /** An empty store that is nowhere: what a reader sees where there is no data directory. */
  static nowhere(): Store {
    const db = openDatabase(':memory:');
    initialise(db);
    return new Store(db, ':memory:', NO_PATIENCE);
  }

  static #open(path: string, options: OpenOptions, copy?: ReadingCopy): Store {
    const { patience, allowUnsafeFs = false, probe = probeFileSystem, open = openDatabase, prepare } = options;
    const file = copy?.path ?? path;
    inspectFile(file);
    if (!allowUnsafeFs) refuseUnsafeFileSystem(file, probe);
    let db: BetterSqlite3.Database;
    try {
      db = open(file);
    } catch (error) {
      throw translate(error, path);
    }
    const store = new Store(db, path, patience, copy);
    try {
      prepare?.(db);
      store.#patiently(() => prepareFile(db, allowUnsafeFs));
      return store;
    } catch (error) {
      db.close();
      const problem = isCorrupt(error) ? missingEnd(file) : undefined;
      throw problem === undefined ? error : new BrokerError('STORAGE_CORRUPT', { path, problem }, { cause: error });
    }
  }

  /** A prepared statement, made once for each text. SQL text stands only in this room and in files named rows.ts. */
  prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** Runs `fn` on one consistent view of the file. `fn` must not write, return a promise, or leave an iterator open. */
  read<T>(fn: () => T): T {
    if (this.#db.inTransaction) return fn();
    return this.#patiently(() => this.#transaction('BEGIN', fn));
  }

  /**
   * Runs `fn` in one write transaction (S1), waiting for its turn (S2); it is as durable as asked when this returns. `onVisible` is
   * called when others can see it, which may be before it is on the disk (S7). Throws what `fn` throws, after rolling back.
   */
  write<T>(fn: () => T, durability: Durability = 'full', onVisible?: () => void): T {
    this.#refuseCopy({});
    const syncs = durability === 'full' && this.#wal.readyToSync();
    const result = this.#patiently(() => this.#writeNow(fn, syncs ? 'normal' : durability));
    onVisible?.();
    if (syncs) this.#wal.sync();
    this.#wal.tend();
    return result;
  }

  #writeNow<T>(fn: () => T, durability: Durability): T {
    if (this.#durability !== durability) {
      this.#db.pragma(`synchronous = ${durability}`);
      this.#durability = durability;
    }
    return this.#transaction('BEGIN IMMEDIATE', fn);
  }

  #transaction<T>(begin: string, fn: () => T): T {
    this.prepare(begin).run();
    try {
      const result = fn();
      this.prepare('COMMIT').run();
      return result;
    } catch (error) {
      if (this.#db.inTransaction) this.prepare('ROLLBACK').run();
      throw error;
    }
  }

  #patiently<T>(attempt: () => T): T {
    let again: (() => boolean) | undefined;
    for (;;) {
      try {
        return attempt();
      } catch (error) {
        if (!isBusy(error)) throw this.#explain(error);
        again ??= this.#patience();
        if (!again()) throw new BrokerError('STORAGE_BUSY', { path: this.path }, { cause: error });
      }
    }
  }

  /** What nobody expected is no fault of beck's when it was read from a damaged file: a row without its name, say. */
  #explain(error: unknown): unknown {
    const known = translate(error, this.path);
    if (known instanceof BrokerError) return known;
    const [problem] = this.#problems('main.quick_check(1)');
    if (problem === undefined) return known;
    return new BrokerError('STORAGE_CORRUPT', { path: this.path, problem }, { cause: error });
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
    return this.#patiently(() => (this.prepare('PRAGMA data_version').get() as { data_version: number }).data_version);
  }

  /** The names of problems that SQLite itself finds in the file; empty when it finds none. Reads every page. */
  integrityProblems(): string[] {
    const problems = this.#integrityProblems();
    const end = problems.length === 0 ? undefined : missingEnd(this.path);
    return end === undefined ? problems : [end, ...problems];
  }

  /** Some damage ends SQLite's check, instead of being found by it. */
  #integrityProblems(): string[] {
    try {
      return this.#patiently(() => this.#problems('main.integrity_check(100)'));
    } catch (error) {
      if (!(error instanceof BrokerError) || !/^STORAGE_(CORRUPT|FAILED)$/.test(error.code)) throw error;
      return [String(error.details.problem)];
    }
  }

  #problems(check: string): string[] {
    const rows = this.#db.pragma(check) as Record<string, string>[];
    return rows.flatMap((row) => Object.values(row)).filter((problem) => problem !== 'ok');
  }

  /** Bytes of the file that hold nothing and could be given back. */
  freeBytes(): number {
    return this.#number('freelist_count') * PAGE_SIZE;
  }

  /**
   * Gives back up to `bytes` of free space, as one write. Answers how much is still free. Small slices: under the write lock
   * 4 MB take about 5 ms.
   */
  vacuum(bytes: number): number {
    this.#refuseCopy({});
    const pages = Math.max(1, Math.ceil(bytes / PAGE_SIZE));
    this.#patiently(() => this.#db.pragma(`incremental_vacuum(${pages})`));
    this.#wal.tend();
    return this.freeBytes();
  }

  /** As `Wal.checkpoint`. */
  checkpoint(mode: 'passive' | 'truncate' = 'passive'): void {
    this.#wal.checkpoint(mode);
  }

  #number(pragma: string): number {
    return this.#patiently(() => this.#db.pragma(pragma, { simple: true }) as number);
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
      yield* copySteps(this.#db, path);
    } catch (error) {
      throw translate(error, path);
    }
  }

  get isOpen(): boolean {
    return this.#db.open;
  }

  /** Closes cleanly; the last one to close also moves the WAL into the database. */
  close(): void {
    this.#statements.clear();
    this.#db.close();
    this.#wal.close();
    this.#copy?.remove();
  }
}

/** Throws STORAGE_DRIVER. */
function openDatabase(path: string): BetterSqlite3.Database {
  try {
    const binding = nativeBinding();
    return new Database(path, binding === undefined ? { timeout: 0 } : { timeout: 0, nativeBinding: binding });
  } catch (error) {
    throw bindingProblem(error) ?? error;
  }
}
