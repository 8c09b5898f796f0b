import type BetterSqlite3 from 'better-sqlite3';
import { BrokerError } from '../errors.ts';
import { Connection, NO_PATIENCE, type Patience } from './connection.ts';
import { Database } from './driver.ts';
import { type ProbeFileSystem, probeFileSystem, refuseUnsafeFileSystem } from './file-system.ts';
import { inspectFile, missingEnd } from './inspect-file.ts';
import { bindingProblem, nativeBinding } from './native-binding.ts';
import { initialise, prepareFile } from './prepare-file.ts';
import { isCorrupt, translate } from './sqlite-errors.ts';

export interface StoreOptions {
  readonly patience: Patience;
  /** Use an unsafe file system all the same, alone: exclusive lock, rollback journal. */
  readonly allowUnsafeFs?: boolean | undefined;
  readonly probe?: ProbeFileSystem | undefined;
  /** What opens the file; a parameter so that tests can make any statement fail. */
  readonly open?: OpenDatabase | undefined;
}

/** Opens a database file with a busy timeout of 0: waiting is the patience's (S2). */
export type OpenDatabase = (path: string) => BetterSqlite3.Database;

interface ConnectionOptions extends StoreOptions {
  /** The file that is opened: a copy of the one at `path`, which is the default. */
  readonly file?: string;
  /** What is done before anything is read from it. */
  readonly prepare?: (db: BetterSqlite3.Database) => void;
}

/** Opens a database file, creating it where it is missing or empty, and makes it ready; refuses others (S3). Throws STORAGE_*. */
export function openConnection(path: string, options: ConnectionOptions): Connection {
  const { patience, allowUnsafeFs = false, probe = probeFileSystem, open = openDatabase } = options;
  const { file = path, prepare } = options;
  inspectFile(file);
  if (!allowUnsafeFs) refuseUnsafeFileSystem(file, probe);
  const db = opened(() => open(file), path);
  const connection = new Connection(db, path, patience);
  try {
    prepare?.(db);
    connection.patiently(() => prepareFile(db, allowUnsafeFs));
    return connection;
  } catch (error) {
    db.close();
    const problem = isCorrupt(error) ? missingEnd(file) : undefined;
    throw problem === undefined ? error : new BrokerError('STORAGE_CORRUPT', { path, problem }, { cause: error });
  }
}

/** To an empty database in memory. */
export function openNowhere(): Connection {
  const db = openDatabase(':memory:');
  initialise(db);
  return new Connection(db, ':memory:', NO_PATIENCE);
}

function opened(open: () => BetterSqlite3.Database, path: string): BetterSqlite3.Database {
  try {
    return open();
  } catch (error) {
    throw translate(error, path);
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
