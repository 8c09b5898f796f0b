/**
 * The disk format, all of it on this page.
 *
 * Changing it: raise FORMAT, add a step to MIGRATIONS that turns the format before into the new one (it runs inside the
 * transaction that opens the file for the first time), change DDL so that a new file needs no step. Never change what an
 * old step does. PAGE_SIZE and auto_vacuum are fixed at the first table and can't be changed by a step.
 *
 * What the columns promise is said beside them; `beck check` holds them to it (log/check.ts).
 */

/** "beck" in ASCII: SQLite's application_id, at byte 68 of the file (https://sqlite.org/fileformat.html#application_id). */
export const APPLICATION_ID = 0x6265636b;
export const FORMAT = 1;
/** 16 KiB: with blobs of 128–256 KiB, writing reaches the disk's own rate. */
export const PAGE_SIZE = 16384;

export const DDL = `
CREATE TABLE topic (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid    BLOB    NOT NULL UNIQUE,           -- Kafka's topic id (KIP-516), 16 bytes, never used twice
  name    TEXT    NOT NULL UNIQUE,
  created INTEGER NOT NULL                   -- ms
);

CREATE TABLE catalogue (                     -- one row: grows with every change of topics, partitions and configs
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL
);
INSERT INTO catalogue (id, version) VALUES (1, 0);

CREATE TABLE topic_config (                  -- only what differs from the defaults in topic/configs.ts
  topic INTEGER NOT NULL,
  name  TEXT    NOT NULL,
  value TEXT    NOT NULL,
  PRIMARY KEY (topic, name)
) WITHOUT ROWID;

CREATE TABLE partition (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  topic         INTEGER NOT NULL,
  number        INTEGER NOT NULL,
  log_start     INTEGER NOT NULL DEFAULT 0,  -- the first offset a reader may ask for; only grows
  next_offset   INTEGER NOT NULL DEFAULT 0,  -- = high watermark; stored, never derived; only grows
  compacted_to  INTEGER NOT NULL DEFAULT 0,  -- compaction has read everything below; offsets are dense from here on
  records       INTEGER NOT NULL DEFAULT 0,  -- readable records from log_start on, without control records
  bytes         INTEGER NOT NULL DEFAULT 0,  -- sum of batch.bytes
  max_timestamp INTEGER NOT NULL DEFAULT -1, -- running maximum at the end; -1: no batch
  UNIQUE (topic, number)
);

CREATE TABLE batch (
  seq            INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of commits in the whole broker; never used twice
  partition      INTEGER NOT NULL,
  base           INTEGER NOT NULL,
  last           INTEGER NOT NULL,
  base_timestamp INTEGER NOT NULL,           -- of the first record as it was appended, ms
  max_timestamp  INTEGER NOT NULL,           -- of the batch, ms
  running_max    INTEGER NOT NULL,           -- max of max_timestamp over this batch and all before it in the partition
  records        INTEGER NOT NULL,           -- in the blob; 0 for a control batch
  bytes          INTEGER NOT NULL,           -- length(data)
  producer_id    INTEGER NOT NULL,           -- -1: none
  attributes     INTEGER NOT NULL,           -- the batch's own (RecordBatch v2, byte 21)
  data           BLOB    NOT NULL,           -- RecordBatch v2, last, so that the rest is read without it
  UNIQUE (partition, base)
);
CREATE INDEX batch_time ON batch (partition, running_max);

CREATE TABLE ongoing_txn (                   -- transactional batches without their marker yet
  partition   INTEGER NOT NULL,
  producer_id INTEGER NOT NULL,
  first       INTEGER NOT NULL,              -- the least of them is the last stable offset
  PRIMARY KEY (partition, producer_id)
) WITHOUT ROWID;

CREATE TABLE aborted_txn (                   -- Kafka's TransactionIndex
  partition   INTEGER NOT NULL,
  last        INTEGER NOT NULL,              -- the abort marker's offset
  first       INTEGER NOT NULL,
  producer_id INTEGER NOT NULL,
  PRIMARY KEY (partition, last)
) WITHOUT ROWID;

CREATE TABLE housekeeping (                  -- the lease: one row
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  last  INTEGER,                             -- ms when it ended last; null: never
  next  INTEGER NOT NULL,                    -- ms when it is due
  owner TEXT                                 -- who does it now; null: nobody
);
INSERT INTO housekeeping (id, last, next) VALUES (1, NULL, 0);
`;

/** Steps from format N (the key) to N + 1. */
export const MIGRATIONS: ReadonlyMap<number, string> = new Map();
