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
  version INTEGER NOT NULL,
  cluster BLOB    NOT NULL DEFAULT (randomblob(16)) -- Kafka's cluster id, 16 bytes
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
CREATE UNIQUE INDEX aborted_txn_producer ON aborted_txn (partition, producer_id, last);

CREATE TABLE producer_state (                -- what a partition knows of an idempotent producer
  partition   INTEGER NOT NULL,
  producer_id INTEGER NOT NULL,
  epoch       INTEGER NOT NULL,
  batches     TEXT    NOT NULL,              -- JSON: its last five, [first sequence, last sequence, base offset, append time]
  changed     INTEGER NOT NULL,              -- ms
  PRIMARY KEY (partition, producer_id)
) WITHOUT ROWID;
CREATE INDEX producer_state_producer ON producer_state (producer_id);

CREATE TABLE producer_counter (              -- one row
  id   INTEGER PRIMARY KEY CHECK (id = 1),
  next INTEGER NOT NULL                      -- the next producer id; none is given twice, and 0 never: some clients mean none by it
);
INSERT INTO producer_counter (id, next) VALUES (1, 1);

CREATE TABLE txn (                           -- a row for each transactional id
  id                   INTEGER PRIMARY KEY AUTOINCREMENT,
  name                 TEXT    NOT NULL UNIQUE,
  producer_id          INTEGER NOT NULL UNIQUE,
  epoch                INTEGER NOT NULL,
  previous_producer_id INTEGER NOT NULL,     -- what its producer was before it asked for this one, in case it asks again (KIP-360);
  previous_epoch       INTEGER NOT NULL,     --   -1: nobody may
  state                TEXT    NOT NULL,     -- Empty, Ongoing, CompleteCommit, CompleteAbort
  timeout              INTEGER,              -- ms; null: as long as its process
  started              INTEGER,              -- ms when the ongoing one began
  changed              INTEGER NOT NULL,     -- ms
  process              TEXT,                 -- JSON: {"pid","started","namespace"}; null: a socket's
  grp                  INTEGER,              -- the group member on whose behalf it works
  member               TEXT
);

CREATE TABLE txn_partition (                 -- what an ongoing transaction will put its markers into
  txn       INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  PRIMARY KEY (txn, partition)
) WITHOUT ROWID;
CREATE INDEX txn_partition_partition ON txn_partition (partition);

CREATE TABLE txn_offset (                    -- offsets that become a group's when an ongoing transaction commits
  txn          INTEGER NOT NULL,
  grp          INTEGER NOT NULL,
  partition    INTEGER NOT NULL,
  "offset"     INTEGER NOT NULL,
  leader_epoch INTEGER NOT NULL,
  metadata     TEXT    NOT NULL,
  PRIMARY KEY (txn, grp, partition)
) WITHOUT ROWID;
CREATE INDEX txn_offset_group ON txn_offset (grp, partition);
CREATE INDEX txn_offset_partition ON txn_offset (partition);

CREATE TABLE consumer_group (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  name        TEXT    NOT NULL UNIQUE,
  epoch       INTEGER NOT NULL DEFAULT 0,    -- the generation: grows with every change of members, subscriptions or partitions
  version     INTEGER NOT NULL DEFAULT 0,    -- grows with the epoch, and whenever a partition changes hands
  assignor    TEXT,                          -- what made the target; null: never had members
  catalogue   INTEGER NOT NULL,              -- version of the catalogue that the target was made for
  created     INTEGER NOT NULL,              -- ms
  empty_since INTEGER,                       -- ms; null while it has members
  type          TEXT NOT NULL DEFAULT 'classic', -- how its members agree, or the last ones did: classic, consumer (KIP-848)
  protocol_type TEXT,                        -- of a classic group: what its members are; null: it never had any
  protocol      TEXT,                        -- what the members of a classic group have chosen for this generation
  leader        TEXT,                        -- the member of a classic group that assigns
  phase         TEXT,                        -- of a classic group with members: PreparingRebalance, CompletingRebalance, Stable
  due           INTEGER                      -- ms up to when those who have yet to join, or to sync, are waited for; null: nobody
);

CREATE TABLE member (
  grp             INTEGER NOT NULL,
  id              TEXT    NOT NULL,
  instance        TEXT,                      -- group.instance.id of a static member (KIP-345)
  name            TEXT    NOT NULL,          -- what people call it: the pid of beck's own, else the client id
  host            TEXT    NOT NULL,
  epoch           INTEGER NOT NULL,          -- the group's epoch that it has taken up
  subscription    TEXT    NOT NULL,          -- JSON: {"names":[...]} or {"pattern":"..."}
  assignor        TEXT,                      -- its wish; null: none
  session_timeout INTEGER NOT NULL,          -- ms
  joined          INTEGER NOT NULL,          -- ms
  heard           INTEGER NOT NULL,          -- ms
  process         TEXT,                      -- JSON: {"pid","started","namespace"}; null: a socket's
  away            INTEGER,                   -- ms since when a static member has left; null: it is here
  rebalance_timeout INTEGER,                 -- ms it has to do what is wanted of it; this and the rest are null of beck's own
  due               INTEGER,                 -- ms when that time is over; null: nothing is wanted
  told              TEXT,                    -- JSON: the partitions that it knows to be its own; null: it knows of none yet
  previous_epoch    INTEGER,                 -- what it had before its epoch
  protocols         TEXT,                    -- JSON: [[name, base64], ...] of one that speaks the classic protocol
  assignment        BLOB,                    -- what the leader of a classic group gave it; null: nothing
  joining           INTEGER,                 -- 1: its JoinGroup waits for the others'
  synced            INTEGER,                 -- 1: it has asked for its assignment in this generation
  PRIMARY KEY (grp, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX member_instance ON member (grp, instance);

CREATE TABLE pending_member (                -- ids that were given out, and whose clients have not come back with them yet
  grp             INTEGER NOT NULL,
  id              TEXT    NOT NULL,
  session_timeout INTEGER NOT NULL,          -- ms
  heard           INTEGER NOT NULL,          -- ms
  PRIMARY KEY (grp, id)
) WITHOUT ROWID;

CREATE TABLE assignment (                    -- a row for each partition that somebody has
  grp       INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  owner     TEXT    NOT NULL,                -- the member that has it now
  target    TEXT,                            -- the member that shall have it; null: nobody wants it any more
  since     INTEGER NOT NULL,                -- ms since when it has its owner
  PRIMARY KEY (grp, partition)
) WITHOUT ROWID;
CREATE INDEX assignment_partition ON assignment (partition);

CREATE TABLE committed_offset (
  grp          INTEGER NOT NULL,
  partition    INTEGER NOT NULL,
  "offset"     INTEGER NOT NULL,             -- the next one to be read
  leader_epoch INTEGER NOT NULL,             -- -1: none
  metadata     TEXT    NOT NULL,
  committed    INTEGER NOT NULL,             -- ms
  PRIMARY KEY (grp, partition)
) WITHOUT ROWID;
CREATE INDEX committed_offset_partition ON committed_offset (partition);

CREATE TABLE departure (                     -- the last 20 of each group
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  grp        INTEGER NOT NULL,
  member     TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  why        TEXT    NOT NULL,               -- left, gone (its process), silent
  at         INTEGER NOT NULL,               -- ms
  heard      INTEGER NOT NULL,               -- ms
  partitions INTEGER NOT NULL,               -- that it had
  heirs      TEXT    NOT NULL                -- JSON: names of who has them now
);
CREATE INDEX departure_group ON departure (grp);

CREATE TABLE user_credential (               -- how a user proves who it is (SCRAM, RFC 5802); never its password
  name       TEXT    NOT NULL CHECK (name <> ''),
  mechanism  TEXT    NOT NULL CHECK (mechanism IN ('SCRAM-SHA-256', 'SCRAM-SHA-512')),
  salt       BLOB    NOT NULL,
  iterations INTEGER NOT NULL CHECK (iterations >= 4096),
  stored_key BLOB    NOT NULL,
  server_key BLOB    NOT NULL,
  PRIMARY KEY (name, mechanism),
  CHECK (length(stored_key) = CASE mechanism WHEN 'SCRAM-SHA-256' THEN 32 ELSE 64 END),
  CHECK (length(server_key) = length(stored_key))
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
