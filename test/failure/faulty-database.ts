import type BetterSqlite3 from 'better-sqlite3';
import { Database } from '../../src/store/driver.ts';
import type { OpenDatabase } from '../../src/store/store.ts';

/** What goes wrong. SQLite rolls a transaction back by itself when the disk is full; most other failures leave that to us. */
export const FAULTS = {
  SQLITE_FULL: (db: BetterSqlite3.Database) => {
    if (db.inTransaction) db.exec('ROLLBACK');
    return new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
  },
  SQLITE_IOERR: () => new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_WRITE'),
  thrown: () => new Error('on purpose'),
} as const;

export type Fault = keyof typeof FAULTS;

/** Databases whose n-th statement fails instead of being run: prepared ones, scripts and pragmas are counted alike. */
export class FaultyDatabases {
  #left = Number.POSITIVE_INFINITY;
  #fault: Fault = 'thrown';
  /** The statement that failed. */
  failed: string | undefined;

  arm(nth: number, fault: Fault): void {
    this.#left = nth;
    this.#fault = fault;
    this.failed = undefined;
  }

  disarm(): void {
    this.#left = Number.POSITIVE_INFINITY;
  }

  readonly open: OpenDatabase = (path) => this.#wrap(new Database(path, { timeout: 0 }));

  #count(db: BetterSqlite3.Database, sql: string): void {
    if (--this.#left !== 0) return;
    this.failed = sql;
    throw FAULTS[this.#fault](db);
  }

  #wrap(db: BetterSqlite3.Database): BetterSqlite3.Database {
    const counted =
      (run: (sql: string, ...more: unknown[]) => unknown) =>
      (sql: string, ...more: unknown[]) => {
        this.#count(db, sql);
        return run.call(db, sql, ...more);
      };
    const own: Readonly<Record<PropertyKey, unknown>> = {
      exec: counted(db.exec as never),
      pragma: counted(db.pragma as never),
      prepare: (sql: string) => this.#wrapStatement(db, db.prepare(sql)),
    };
    return withOwn(db, own);
  }

  #wrapStatement(db: BetterSqlite3.Database, statement: BetterSqlite3.Statement): BetterSqlite3.Statement {
    const counted =
      (name: 'run' | 'get' | 'all' | 'iterate') =>
      (...values: unknown[]) => {
        this.#count(db, statement.source);
        return statement[name](...values);
      };
    const names = ['run', 'get', 'all', 'iterate'] as const;
    return withOwn(statement, Object.fromEntries(names.map((name) => [name, counted(name)])));
  }
}

function withOwn<T extends object>(object: T, own: Readonly<Record<PropertyKey, unknown>>): T {
  return new Proxy(object, {
    get(target, key) {
      if (Object.hasOwn(own, key)) return own[key];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
