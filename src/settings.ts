/** The numbers that were chosen, and why. Sizes in bytes, times in ms. */

/** A batch as beck's own producers make it: blobs of 128–256 KiB write at the disk's own rate. */
export const BATCH_BYTES = 256 << 10;

/**
 * Memory that a producer's open batches may hold together: 64 partitions with full ones. Beyond that all are stored as they
 * are, so that keys in thousands of partitions make small batches and not gigabytes of memory.
 */
export const OPEN_BYTES = 32 << 20;

/** So much is given to one commit; a sync costs the same for one batch and for eight. */
export const COMMIT_BYTES = 1 << 20;

/** From so much input on, a thread of its own writes; starting it costs more than a small input takes. */
export const THREAD_FROM_BYTES = 1 << 20;

/** Handed to the writing thread and not yet answered; what bounds a producer's memory. */
export const IN_FLIGHT_BYTES = 8 << 20;

/** Read in one go: large enough to keep SQLite's share small, small enough to stay flat in memory. */
export const FETCH_BYTES = 4 << 20;

/** Read at first, so that seeking one record in a large topic takes a fraction of a millisecond. */
export const FIRST_FETCH_BYTES = 64 << 10;

/** No topic may allow larger batches (SQLite's blobs end at about 512 MB, memory long before). */
export const MAX_MESSAGE_BYTES = 64 << 20;

/** How long a process goes on trying when another one writes. */
export const BUSY_DEADLINE_MS = 10_000;

/** How often a follower looks where watching a file does not work; 1 % of a core. */
export const POLL_MS = 20;

/** The net under a wake file that is known to work. */
export const POLL_WATCHED_MS = 500;

/** Between two rounds of housekeeping, whoever does them. */
export const HOUSEKEEPING_MS = 60_000;

/** What a short command spends on housekeeping after its own work. */
export const HOUSEKEEPING_BUDGET_MS = 5;

/** Between two slices of long writing others get their turn: a busy writer tries again every millisecond or so. */
export const SLICE_PAUSE_MS = 2;

/** Given back to the file system in one write, at the most: so much is read before, and goes through the WAL. */
export const VACUUM_SLICE_BYTES = 1 << 20;

/** How long such a write may hold the write lock. */
export const VACUUM_SLICE_MS = 5;

/** How much is given back before the WAL, with about twice of that, is moved into the database. */
export const VACUUM_CHECKPOINT_BYTES = 4 << 20;

/** How long whoever asked for space waits for somebody who reads one view for long. */
export const LONG_READER_MS = 2000;

/** A member that is not heard of for so long loses its partitions; processes that are gone are noticed much sooner. */
export const SESSION_TIMEOUT_MS = 10_000;

/** What a session timeout may be (Kafka's group.min.session.timeout.ms is 6 s, for networks; its maximum is this one). */
export const SESSION_TIMEOUT_LIMITS_MS = { least: 100, most: 30 * 60_000 } as const;

/** How many departures of a group are kept for those who ask afterwards. */
export const DEPARTURES_KEPT = 20;

/** How often a member looks whether the process of one other member is still there: together they notice a death in 250 ms. */
export const NEIGHBOUR_MS = 150;

/** How often a member that has much to show commits: a fraction of a percent of the time it takes. */
export const COMMIT_BUSY_MS = 500;

/** How long a member that has little to show may leave it uncommitted, so that a record a millisecond isn't a commit a millisecond. */
export const COMMIT_PAUSE_MS = 50;

/** Kafka's transaction.max.timeout.ms: no socket's client may hold readers back for longer. */
export const MAX_TRANSACTION_TIMEOUT_MS = 15 * 60_000;

/** Kafka's transactional.id.expiration.ms: for so long a client may be away and find its transactional id again. */
export const TRANSACTIONAL_ID_EXPIRATION_MS = 7 * 86_400_000;

/** Kafka's producer.id.expiration.ms: for so long a partition knows what a silent producer sent last. */
export const PRODUCER_ID_EXPIRATION_MS = 86_400_000;

/**
 * A process that nobody here can see (it is in another container) holds readers back at the most for so long after its last
 * write: what Kafka allows a client.
 */
export const UNSEEN_PROCESS_MS = MAX_TRANSACTION_TIMEOUT_MS;

/** How often a server looks whose transaction has taken too long (Kafka: every 10 s). */
export const TRANSACTION_SWEEP_MS = 1000;

/**
 * How long the first generation of a group waits for members that were given their ids and have not come back with them: those that
 * start together share from the start.
 */
export const FIRST_REBALANCE_MS = 1000;

/** A member whose connection was closed is away for so long before its partitions go to others: a client that only dials again stays. */
export const MEMBER_GRACE_MS = 500;

/** How often a server looks for members that are silent. */
export const GROUP_SWEEP_MS = 500;

/** What members of KIP-848 are told about heartbeats: a group moves as fast as they beat, and one takes a fraction of a millisecond. */
export const CONSUMER_HEARTBEAT_MS = 500;

/** Kafka's group.consumer.session.timeout.ms: such members do not say one of their own. */
export const CONSUMER_SESSION_MS = 45_000;

/** Kafka's connection.failed.authentication.delay.ms: whoever could not prove who he is waits so long for his answer. */
export const AUTHENTICATION_FAILURE_MS = 100;

/** How long a connection may take to prove whose it is, once it speaks Kafka's protocol. */
export const AUTHENTICATION_MS = 30_000;

/** How long the handshake of TLS may take. */
export const TLS_HANDSHAKE_MS = 10_000;

/** Kafka's sasl.server.max.receive.size: bytes of a request of somebody who has not proved yet who he is. */
export const SASL_FRAME_BYTES = 524_288;

/** How long a command waits for a server that went away to come back: a restart takes a fraction of that. */
export const REDIAL_MS = 10_000;

/** Between two attempts to dial it. */
export const REDIAL_PAUSE_MS = 50;

/** Requests of one producer on their way: a partition remembers so many batches of one, and knows by that which came twice. */
export const PRODUCER_IN_FLIGHT = 5;

/** How long a fetch waits at the server for more; topics that were made or deleted meanwhile are seen then. */
export const FETCH_WAIT_MS = 500;
