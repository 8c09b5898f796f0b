import type BetterSqlite3 from 'better-sqlite3';
import { BrokerError } from '../errors.ts';
import { quickProblem } from './integrity.ts';
import { isBusy, translate } from './sqlite-errors.ts';
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

/** What was written, and the descriptor to be synced until it is on the disk; null: it is there. */
export interface Unsynced<T> {
  readonly result: T;
  readonly unsynced: number | null;
}

const BEGIN_WRITE = 'BEGIN IMMEDIATE';

/** One connection to an open database: its statements, its transactions (S1, S4, S7), its waiting (S2), what its errors mean. */
export class Connection {
  readonly db: BetterSqlite3.Database;
  /** Transactions that have written. */
  writes = 0;
  /** The database's; of a copy, the original's. */
  readonly path: string;
  readonly wal: Wal;
  readonly #patience: Patience;
  readonly #statements = new Map<string, Statement>();
  #durability: Durability = 'full';

  constructor(db: BetterSqlite3.Database, path: string, patience: Patience) {
    this.db = db;
    this.path = path;
    this.#patience = patience;
    this.wal = new Wal(db, path, patience);
  }

  /** A prepared statement, made once for each text. */
  prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** As `Store.read`. */
  read<T>(fn: () => T): T {
    if (this.db.inTransaction) return fn();
    return this.patiently(() => this.#transaction('BEGIN', fn));
  }

  /** As `Store.write`. */
  write<T>(fn: () => T, durability: Durability, onVisible: (() => void) | undefined): T {
    const { result, unsynced } = this.#writeVisibly(fn, durability, onVisible);
    if (unsynced !== null) this.wal.sync();
    this.wal.tend();
    return result;
  }

  /** As `Store.writeUnsynced`. */
  writeUnsynced<T>(fn: () => T, onVisible: () => void): Unsynced<T> {
    const written = this.#writeVisibly(fn, 'full', onVisible);
    this.wal.tend();
    return written;
  }

  #writeVisibly<T>(fn: () => T, durability: Durability, onVisible: (() => void) | undefined): Unsynced<T> {
    const unsynced = durability === 'full' ? this.wal.readyToSync() : null;
    const result = this.patiently(() => this.#writeNow(fn, unsynced === null ? durability : 'normal'));
    onVisible?.();
    return { result, unsynced };
  }

  #writeNow<T>(fn: () => T, durability: Durability): T {
    if (this.#durability !== durability) {
      this.db.pragma(`synchronous = ${durability}`);
      this.#durability = durability;
    }
    return this.#transaction(BEGIN_WRITE, fn);
  }

  #transaction<T>(begin: string, fn: () => T): T {
    this.prepare(begin).run();
    try {
      const result = fn();
      this.prepare('COMMIT').run();
      if (begin === BEGIN_WRITE) this.writes++;
      return result;
    } catch (error) {
      if (this.db.inTransaction) this.prepare('ROLLBACK').run();
      throw error;
    }
  }

  /** Tries again while others are in the way (S2). Throws what `attempt` throws, SQLite's own errors as STORAGE_*. */
  patiently<T>(attempt: () => T): T {
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
    const problem = quickProblem(this.db);
    if (problem === undefined) return known;
    return new BrokerError('STORAGE_CORRUPT', { path: this.path, problem }, { cause: error });
  }

  close(): void {
    this.#statements.clear();
    this.db.close();
    this.wal.close();
  }
}
