import { closeSync, openSync, statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { BrokerError } from '../errors.ts';
import { spaceLeft } from './file-system.ts';
import { PAGE_SIZE } from './schema.ts';
import { isBusy, translate } from './sqlite-errors.ts';
import { syncFailed, syncFile } from './sync-file.ts';

/** Little space is left (S5): four times what the WAL holds before SQLite checkpoints it by itself (1000 pages). */
const LITTLE_SPACE = 64 << 20;

/** Twice what the WAL holds before SQLite checkpoints it by itself: from here on it is made to begin anew (S6). */
export const WAL_BYTES = 32 << 20;

/** How often it is tried before it may grow by half as much again: somebody reads for long. */
const TRIES = 20;

/** Of `PRAGMA wal_checkpoint`. */
type Mode = 'passive' | 'restart' | 'truncate';

/** The write-ahead log beside a database: when it is on the disk, when it goes into the database, how large it grows (S5–S7). */
export class Wal {
  readonly #db: Database.Database;
  readonly #path: string;
  readonly #patience: () => () => boolean;
  #bound = WAL_BYTES;
  /** Of the WAL; opened when it is sure that more than one commit is to be synced. */
  #fd: number | undefined;
  #synced = 0;

  /** `path` is the database's; `patience` waits for those who are in the way. */
  constructor(db: Database.Database, path: string, patience: () => () => boolean) {
    this.#db = db;
    this.#path = path;
    this.#patience = patience;
  }

  /**
   * What is to be synced to bring the next commit to the disk, so that SQLite need not (S7); null: SQLite must. The first one is left
   * to SQLite, which syncs the folder of a new WAL as well; so are all where there is no WAL.
   */
  readyToSync(): number | null {
    if (this.#synced++ === 0 || this.#db.memory) return null;
    this.#fd ??= open(`${this.#path}-wal`);
    return this.#fd ?? null;
  }

  /** Brings to the disk what is committed. Throws SYNC_FAILED: it is there, and may not outlive a power cut. */
  sync(): void {
    syncFile(this.#fd as number, this.#path, syncFailed);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** After a commit, which stays whether this succeeds or not. */
  tend(): void {
    if (this.#db.memory) return;
    try {
      if (spaceLeft(this.#path) < LITTLE_SPACE) this.checkpoint('passive');
      else if (this.#size() <= WAL_BYTES) this.#bound = WAL_BYTES;
      else if (this.#size() > this.#bound) this.#restart();
    } catch (error) {
      if (!(translate(error, this.#path) instanceof BrokerError)) throw error;
    }
  }

  /**
   * Moves the WAL into the database; `truncate` also empties the WAL file. A busy reader leaves the rest for later, and so does
   * a disk on which the database has no room to grow: half a checkpoint would only take the rest of the space. Answers whether nobody
   * was in the way.
   */
  checkpoint(mode: Mode): boolean {
    try {
      return this.#growth() <= spaceLeft(this.#path) && !this.#run(mode);
    } catch (error) {
      if (!isBusy(error)) throw translate(error, this.#path);
      return false;
    }
  }

  /** Before a write that can wait: whether the WAL is small, or begins anew with it. If not, somebody reads one view for long. */
  keepSmall(): boolean {
    if (this.#size() <= (3 * WAL_BYTES) / 2) return true;
    this.checkpoint('passive');
    return this.checkpoint('restart');
  }

  /**
   * Whoever writes next begins at the WAL's start, and cuts off what is more than WAL_BYTES. A passive checkpoint does not lead
   * there while others go on writing. Most is moved before it, because a restart holds the write lock.
   */
  #restart(): void {
    this.checkpoint('passive');
    const again = this.#patience();
    for (let tries = 0; tries < TRIES; tries++) {
      if (!this.#run('restart') || !again()) return;
    }
    this.#bound = this.#size() + WAL_BYTES / 2;
  }

  /** Answers whether somebody was in the way. */
  #run(mode: Mode): boolean {
    const [row] = this.#db.pragma(`wal_checkpoint(${mode})`) as { busy: number }[];
    return row?.busy !== 0;
  }

  #size(): number {
    return statSync(`${this.#path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** By how many bytes a checkpoint makes the file larger. */
  #growth(): number {
    const pages = this.#db.pragma('page_count', { simple: true }) as number;
    return pages * PAGE_SIZE - (statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0);
  }
}

/** No lock of SQLite's lies on the WAL, so that closing this descriptor gives up none. */
function open(path: string): number | undefined {
  try {
    return openSync(path, 'r+');
  } catch {
    return undefined;
  }
}
