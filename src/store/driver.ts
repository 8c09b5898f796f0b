import type BetterSqlite3 from 'better-sqlite3';
import { isInstalled, loadPackage } from '../record/load-package.ts';

/** The release whose one binary runs under every Node from 22 on; a checkout has it under this name beside the locked one. */
const ANY_NEW_NODE = 'better-sqlite3-13';

/**
 * The SQLite driver. Who installs beck gets the better-sqlite3 that fits his Node: 12 under Node 20, 13 from 22 on. A checkout
 * has 12 by its lockfile (13 crashes under Node 20), compiled for one Node alone; under a newer Node 13 stands in for it.
 */
export const DRIVER = isNewNode() && isInstalled(ANY_NEW_NODE) ? ANY_NEW_NODE : 'better-sqlite3';

export const Database = loadPackage<typeof BetterSqlite3>(DRIVER);

function isNewNode(): boolean {
  return Number.parseInt(process.versions.node, 10) >= 22;
}
