import type BetterSqlite3 from 'better-sqlite3';
import { BrokerError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { missingEnd } from './inspect-file.ts';

/** One problem that SQLite finds without comparing tables with their indexes; undefined when it finds none. */
export function quickProblem(db: BetterSqlite3.Database): string | undefined {
  return problems(db, 'main.quick_check(1)')[0];
}

/** The names of problems that SQLite itself finds in the file; empty when it finds none. Reads every page. */
export function integrityProblems(connection: Connection): string[] {
  const found = everyProblem(connection);
  const end = found.length === 0 ? undefined : missingEnd(connection.path);
  return end === undefined ? found : [end, ...found];
}

/** Some damage ends SQLite's check, instead of being found by it. */
function everyProblem(connection: Connection): string[] {
  try {
    return connection.patiently(() => problems(connection.db, 'main.integrity_check(100)'));
  } catch (error) {
    if (!(error instanceof BrokerError) || !/^STORAGE_(CORRUPT|FAILED)$/.test(error.code)) throw error;
    return [String(error.details.problem)];
  }
}

function problems(db: BetterSqlite3.Database, check: string): string[] {
  const rows = db.pragma(check) as Record<string, string>[];
  return rows.flatMap((row) => Object.values(row)).filter((problem) => problem !== 'ok');
}
