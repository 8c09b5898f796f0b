import { BrokerError } from '../../errors.ts';
import { verifyChecksum } from '../../record/batch.ts';
import { RecordCursor } from '../../record/cursor.ts';
import { filterRecords } from '../../record/rewrite.ts';
import type { Loss } from '../loss.ts';
import type { KeyMap } from './key-map.ts';

/** By what compaction judges the records of one batch. */
export interface Rule {
  readonly latest: KeyMap;
  /** ms */
  readonly now: number;
  /** `delete.retention.ms` */
  readonly deleteRetention: number;
  /** Records below are not counted: readers don't see them any more. */
  readonly logStart: number;
  /** The batch belongs to an aborted transaction: none of it stays. */
  readonly aborted: boolean;
  /** Records, by their place in the batch, that an earlier round has found superseded; for a dry run. */
  readonly marked: Uint8Array | undefined;
}

/** What is lost: to a newer record of the same key (or for having no key, or having been aborted), and tombstones whose time is over. */
export interface Lost {
  readonly superseded: Loss;
  readonly tombstones: Loss;
}

export interface Compacted {
  /** What stays: the same blob, another one, or null when nothing does. */
  readonly blob: Buffer | null;
  readonly lost: Lost;
}

const STAYS = 0;
const SUPERSEDED = 1;
const TOMBSTONE = 2;
type Fate = typeof STAYS | typeof SUPERSEDED | typeof TOMBSTONE;

const NOTHING: Loss = { records: 0, bytes: 0 };
export const NOTHING_LOST: Lost = { superseded: NOTHING, tombstones: NOTHING };

/**
 * What compaction leaves of a batch (org.apache.kafka.storage.internals.log.Cleaner.shouldRetainRecord): the latest record of
 * each key; of tombstones those whose delete horizon is still ahead. A batch that keeps a tombstone for the first time is
 * given its horizon (KIP-534).
 * @throws BrokerError CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE: a damaged batch is never given a new checksum
 */
export function compactBatch(blob: Buffer, rule: Rule): Compacted {
  const judged = judge(blob, rule);
  const { fates, kept, keepsTombstone, horizonSet } = judged;
  const horizon = keepsTombstone && !horizonSet ? deleteHorizon(rule) : undefined;
  if (kept === fates.length && kept > 0 && horizon === undefined) return { blob, lost: NOTHING_LOST };
  refuseDamaged(blob);
  let next = 0;
  const rest = kept === 0 ? null : filterRecords(blob, () => fates[next++] === STAYS, { deleteHorizon: horizon });
  return { blob: rest, lost: shareOut(blob.length - (rest?.length ?? 0), judged) };
}

/** A marker whose transaction has no record left, with the horizon after which it goes. @throws BrokerError as `compactBatch` */
export function withHorizon(marker: Buffer, rule: Pick<Rule, 'now' | 'deleteRetention'>): Buffer {
  refuseDamaged(marker);
  return filterRecords(marker, () => true, { deleteHorizon: deleteHorizon(rule) }) ?? marker;
}

/** Notes the offset of every record with a key, from the log start on. @throws BrokerError as `compactBatch` */
export function noteLatest(blob: Buffer, latest: KeyMap, logStart: number): void {
  const cursor = new RecordCursor(blob);
  while (cursor.next()) {
    if (cursor.keyLength >= 0 && cursor.offset >= logStart)
      latest.put(cursor.bytes, cursor.keyStart, cursor.keyLength, cursor.offset);
  }
}

/** Notes which records of a batch, by their place, have a newer one of their key. @throws BrokerError as `compactBatch` */
export function markSuperseded(blob: Buffer, latest: KeyMap, marked: Uint8Array): void {
  const cursor = new RecordCursor(blob);
  for (let i = 0; cursor.next(); i++) if (isSuperseded(cursor, latest)) marked[i] = 1;
}

interface Judged {
  readonly fates: Fate[];
  readonly kept: number;
  readonly keepsTombstone: boolean;
  readonly horizonSet: boolean;
  /** By fate: records that readers could see, and bytes of all of them before compression. */
  readonly records: readonly number[];
  readonly plainBytes: readonly number[];
}

function judge(blob: Buffer, rule: Rule): Judged {
  const cursor = new RecordCursor(blob);
  const { deleteHorizon: horizonSet, baseTimestamp } = cursor.header;
  const horizonPassed = horizonSet && baseTimestamp <= rule.now;
  const fates: Fate[] = [];
  const records = [0, 0, 0];
  const plainBytes = [0, 0, 0];
  let kept = 0;
  let keepsTombstone = false;
  while (cursor.next()) {
    const fate = fateOf(cursor, rule, horizonPassed, fates.length);
    fates.push(fate);
    if (cursor.offset >= rule.logStart) (records[fate] as number)++;
    plainBytes[fate] = (plainBytes[fate] as number) + cursor.end - cursor.start;
    if (fate !== STAYS) continue;
    kept++;
    if (cursor.valueLength < 0) keepsTombstone = true;
  }
  return { fates, kept, keepsTombstone, horizonSet, records, plainBytes };
}

function fateOf(cursor: RecordCursor, rule: Rule, horizonPassed: boolean, index: number): Fate {
  if (rule.aborted || rule.marked?.[index] === 1 || isSuperseded(cursor, rule.latest)) return SUPERSEDED;
  return cursor.valueLength < 0 && horizonPassed ? TOMBSTONE : STAYS;
}

/** A record without a key has no place in a compacted log (the topic was another kind once); Kafka's cleaner drops it too. */
function isSuperseded(cursor: RecordCursor, latest: KeyMap): boolean {
  return cursor.keyLength < 0 || latest.get(cursor.bytes, cursor.keyStart, cursor.keyLength) > cursor.offset;
}

/** The bytes that a batch lost, between the two kinds of lost records by their size before compression. */
function shareOut(bytes: number, { records, plainBytes }: Judged): Lost {
  const [superseded, tombstones] = [plainBytes[SUPERSEDED] as number, plainBytes[TOMBSTONE] as number];
  const share = superseded === 0 ? bytes : Math.round((bytes * tombstones) / (superseded + tombstones));
  return {
    superseded: { records: records[SUPERSEDED] as number, bytes: bytes - share },
    tombstones: { records: records[TOMBSTONE] as number, bytes: share },
  };
}

function deleteHorizon({ now, deleteRetention }: Pick<Rule, 'now' | 'deleteRetention'>): number {
  return Math.min(now + deleteRetention, Number.MAX_SAFE_INTEGER);
}

function refuseDamaged(blob: Buffer): void {
  if (!verifyChecksum(blob))
    throw new BrokerError('CORRUPT_MESSAGE', { problem: 'a batch does not match its checksum' });
}
