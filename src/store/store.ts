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
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { BrokerError } from '../errors.ts';
import { copySteps } from './copy.ts';
import { type ProbeFileSystem, probeFileSystem, refuseUnsafeFileSystem } from './file-system.ts';
import { inspectFile } from './inspect-file.ts';
import { bindingProblem, nativeBinding } from './native-binding.ts';
import { APPLICATION_ID, DDL, FORMAT, MIGRATIONS, PAGE_SIZE } from './schema.ts';
import { isBusy, translate } from './sqlite-errors.ts';

export type Statement = Database.Statement<unknown[], unknown>;

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
}

export const DATABASE_FILE = 'beck.db';

export class Store {
  readonly path: string;
  readonly #db: Database.Database;
  readonly #patience: Patience;
  readonly #statements = new Map<string, Statement>();
  #durability: Durability = 'full';

  private constructor(db: Database.Database, path: string, patience: Patience) {
    this.#db = db;
    this.path = path;
    this.#patience = patience;
  }

  /** Opens the database in `dir`, creating folder (0700) and file where they are missing. Throws STORAGE_*. */
  static create(dir: string, options: StoreOptions): Store {
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new BrokerError(
        'STORAGE_READ_ONLY',
        { path: dir, problem: `cannot be created (${(cause as NodeJS.ErrnoException).code})` },
        { cause },
      );
    }
    return Store.#open(join(dir, DATABASE_FILE), options);
  }

  /** Opens what is there; null where there is nothing (nothing is created). Throws STORAGE_*. */
  static existing(dir: string, options: StoreOptions): Store | null {
    const path = join(dir, DATABASE_FILE);
    return inspectFile(path) === 'ours' ? Store.#open(path, options) : null;
  }

  /** An empty store that is nowhere: what a reader sees where there is no data directory. */
  static nowhere(): Store {
    const store = new Store(openDatabase(':memory:'), ':memory:', NO_PATIENCE);
    store.#initialise();
    return store;
  }

  static #open(path: string, { patience, allowUnsafeFs = false, probe = probeFileSystem }: StoreOptions): Store {
    inspectFile(path);
    if (!allowUnsafeFs) refuseUnsafeFileSystem(path, probe);
    let db: Database.Database;
    try {
      db = openDatabase(path);
    } catch (error) {
      throw translate(error, path);
    }
    const store = new Store(db, path, patience);
    try {
      store.#patiently(() => store.#prepareFile(allowUnsafeFs));
      return store;
    } catch (error) {
      db.close();
      throw error;
    }
  }

  #prepareFile(alone: boolean): void {
    const db = this.#db;
    if (alone) db.pragma('locking_mode = EXCLUSIVE');
    if (db.pragma('user_version', { simple: true }) !== FORMAT) this.#initialise();
    const wanted = alone ? 'delete' : 'wal';
    if (db.pragma('journal_mode', { simple: true }) !== wanted) db.pragma(`journal_mode = ${wanted}`);
    db.pragma('synchronous = FULL');
    db.pragma('journal_size_limit = 67108864');
    db.pragma('temp_store = MEMORY');
  }

  /**
   * One transaction makes all of a new file, so that whoever looks at it meanwhile sees nothing or everything. Page size and
   * auto_vacuum hold only before the first page; setting auto_vacuum writes that page, and so takes the write lock: BEGIN
   * IMMEDIATE would write it too early.
   */
  #initialise(): void {
    const db = this.#db;
    db.pragma(`page_size = ${PAGE_SIZE}`);
    db.exec('BEGIN');
    try {
      db.pragma('auto_vacuum = INCREMENTAL');
      const found = db.pragma('user_version', { simple: true }) as number;
      if (found === 0) db.exec(DDL);
      else for (let step = found; step < FORMAT; step++) db.exec(MIGRATIONS.get(step) ?? '');
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${FORMAT}`);
      db.exec('COMMIT');
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK');
      throw error;
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

  /** Runs `fn` in one write transaction (S1), waiting for its turn (S2). Throws what `fn` throws, after rolling back. */
  write<T>(fn: () => T, durability: Durability = 'full'): T {
    return this.#patiently(() => this.#writeNow(fn, durability));
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
        if (!isBusy(error)) throw translate(error, this.path);
        again ??= this.#patience();
        if (!again()) throw new BrokerError('STORAGE_BUSY', { path: this.path }, { cause: error });
      }
    }
  }

  /** Changes when another connection has committed (about 1 µs); own commits don't change it. */
  dataVersion(): number {
    return this.#db.pragma('data_version', { simple: true }) as number;
  }

  /** The names of problems that SQLite itself finds in the file; empty when it finds none. Reads every page. */
  integrityProblems(): string[] {
    const rows = this.#patiently(() => this.#db.pragma('integrity_check(100)')) as { integrity_check: string }[];
    return rows.map((row) => row.integrity_check).filter((problem) => problem !== 'ok');
  }

  /** Bytes of the file that hold nothing and could be given back. */
  freeBytes(): number {
    return (this.#db.pragma('freelist_count', { simple: true }) as number) * PAGE_SIZE;
  }

  /**
   * Gives back up to `bytes` of free space, as one write. Answers how much is still free. Small slices: under the write lock
   * 4 MB take about 5 ms.
   */
  vacuum(bytes: number): number {
    const pages = Math.max(1, Math.ceil(bytes / PAGE_SIZE));
    this.#patiently(() => this.#db.pragma(`incremental_vacuum(${pages})`));
    return this.freeBytes();
  }

  /** Moves the WAL into the database; `truncate` also empties the WAL file. A busy reader leaves the rest for later. */
  checkpoint(mode: 'passive' | 'truncate' = 'passive'): void {
    try {
      this.#db.pragma(`wal_checkpoint(${mode})`);
    } catch (error) {
      if (!isBusy(error)) throw translate(error, this.path);
    }
  }

  /**
   * Copies everything, as it is at one moment, into the database of another store, which must be new. Each `next()` is a step of
   * some MB; others write meanwhile, this store must not. Throws STORAGE_*.
   */
  *copyInto(target: Store): Generator<{ readonly done: number; readonly total: number }> {
    try {
      yield* copySteps(this.#db, target.path);
    } catch (error) {
      throw translate(error, target.path);
    }
  }

  /** Closes cleanly; the last one to close also moves the WAL into the database. */
  close(): void {
    this.#statements.clear();
    this.#db.close();
  }
}

/** The busy timeout is 0: waiting is the patience's (S2). Throws STORAGE_DRIVER. */
function openDatabase(path: string): Database.Database {
  try {
    const binding = nativeBinding();
    return new Database(path, binding === undefined ? { timeout: 0 } : { timeout: 0, nativeBinding: binding });
  } catch (error) {
    throw bindingProblem(error) ?? error;
  }
}
