/**
 * What transactions mean, written a second time and as plainly as it goes: lists and maps, no rows, no SQL. The simulation holds the
 * broker to it.
 */
const MAX_SEQUENCE = 2 ** 31 - 1;
const LAST_EPOCH = 32_767;
const DAY = 86_400_000;

export interface Identity {
  readonly producerId: number;
  readonly epoch: number;
}

interface ModelBatch {
  readonly first: number;
  readonly last: number;
  readonly base: number;
}

interface ModelRecord {
  readonly offset: number;
  readonly value: string;
  readonly key: string | null;
  readonly transaction: ModelTransaction | null;
}

interface ModelTransaction {
  fate: 'open' | 'committed' | 'aborted';
}

interface KnownProducer {
  epoch: number;
  batches: ModelBatch[];
  changed: number;
}

export class ModelPartition {
  logStart = 0;
  end = 0;
  readonly compacted: boolean;
  readonly records: ModelRecord[] = [];
  /** By producer id: where its open transaction begins here. */
  readonly open = new Map<number, { readonly first: number; readonly transaction: ModelTransaction }>();
  readonly aborted: { readonly first: number; readonly last: number; readonly producerId: number }[] = [];
  readonly producers = new Map<number, KnownProducer>();

  constructor(compacted = false) {
    this.compacted = compacted;
  }

  get lastStable(): number {
    return Math.max(this.logStart, Math.min(this.end, ...[...this.open.values()].map(({ first }) => first)));
  }

  /** What a reader of committed records sees. */
  get visible(): ModelRecord[] {
    const { logStart, lastStable } = this;
    return this.records.filter(
      ({ offset, transaction }) =>
        offset >= logStart && offset < lastStable && (transaction === null || transaction.fate === 'committed'),
    );
  }
}

export interface ModelId extends Identity {
  previous: Identity | null;
  state: 'Empty' | 'Ongoing' | 'CompleteCommit' | 'CompleteAbort';
  readonly timeout: number | null;
  /** Null: a client's. */
  readonly pid: number | null;
  started: number;
  changed: number;
  worksForMember: boolean;
  readonly partitions: Set<ModelPartition>;
  readonly offsets: Map<number, number>;
  transaction: ModelTransaction;
}

export interface ModelSend extends Identity {
  readonly sequence: number;
  readonly values: readonly string[];
  readonly key: string | null;
  readonly transactional: boolean;
  readonly client: boolean;
}

export class Model {
  readonly ids = new Map<string, ModelId>();
  readonly partitions = new Set<ModelPartition>();
  /** Offsets of the group that nobody reads in, and of the one with the member. */
  readonly committed = { idle: new Map<number, number>(), g: new Map<number, number>() };
  now = 0;
  memberIsHere = true;
  #nextId = 1;

  giveId(): number {
    return this.#nextId++;
  }

  init(name: string, timeout: number | null, pid: number | null, current: Identity | undefined): Identity | string {
    const known = this.ids.get(name);
    if (known !== undefined && current !== undefined && !same(current, known))
      return known.previous !== null && same(current, known.previous) ? known : 'PRODUCER_FENCED';
    let identity = { producerId: known?.producerId ?? -1, epoch: (known?.epoch ?? -1) + 1 };
    if (known?.state === 'Ongoing') this.end(name, { ...known, epoch: known.epoch + 1 }, false);
    if (known === undefined || identity.epoch >= LAST_EPOCH) identity = { producerId: this.giveId(), epoch: 0 };
    const partitions = new Set<ModelPartition>();
    const row = { ...identity, previous: current ?? null, state: 'Empty' as const, timeout, pid, started: 0 };
    const transaction: ModelTransaction = { fate: 'open' };
    this.ids.set(name, {
      ...row,
      changed: this.now,
      worksForMember: false,
      partitions,
      offsets: new Map(),
      transaction,
    });
    return identity;
  }

  /** Undefined: it is what it says. */
  stranger(name: string, { producerId, epoch }: Identity): string | undefined {
    const row = this.ids.get(name);
    if (row === undefined || row.producerId !== producerId) return 'INVALID_PRODUCER_ID_MAPPING';
    return row.epoch === epoch ? undefined : 'PRODUCER_FENCED';
  }

  begin(row: ModelId): void {
    if (row.state !== 'Ongoing') {
      row.started = this.now;
      row.transaction = { fate: 'open' };
    }
    row.state = 'Ongoing';
    row.changed = this.now;
  }

  add(name: string, me: Identity, partitions: readonly ModelPartition[]): string | undefined {
    const refusal = this.stranger(name, me);
    const row = this.ids.get(name);
    if (refusal !== undefined || row === undefined) return refusal;
    this.begin(row);
    for (const partition of partitions) row.partitions.add(partition);
    return undefined;
  }

  /** The base offset that is answered, or the refusal. */
  append(partition: ModelPartition, send: ModelSend): number | string {
    const { producerId, epoch, sequence, values, transactional, client } = send;
    const known = partition.producers.get(producerId);
    const last = (sequence + values.length - 1) % (MAX_SEQUENCE + 1);
    if (known !== undefined) {
      if (epoch < known.epoch) return 'INVALID_PRODUCER_EPOCH';
      const batches = epoch === known.epoch ? known.batches : [];
      const copied = batches.find((batch) => batch.first === sequence && batch.last === last);
      if (copied !== undefined) return copied.base;
      if (sequence !== ((batches.at(-1)?.last ?? -1) + 1) % (MAX_SEQUENCE + 1)) return 'OUT_OF_ORDER_SEQUENCE_NUMBER';
    }
    if (!transactional && partition.open.has(producerId)) return 'INVALID_TXN_STATE';
    const refusal = transactional ? this.#admit(partition, send, client) : undefined;
    if (refusal !== undefined) return refusal;
    const base = partition.end;
    const row = transactional ? [...this.ids.values()].find((each) => each.producerId === producerId) : undefined;
    if (row !== undefined && !partition.open.has(producerId))
      partition.open.set(producerId, { first: base, transaction: row.transaction });
    for (const value of values)
      partition.records.push({ offset: partition.end++, value, key: send.key, transaction: row?.transaction ?? null });
    const before = known !== undefined && known.epoch === epoch ? known.batches : [];
    const batches = [...before, { first: sequence, last, base }].slice(-5);
    partition.producers.set(producerId, { epoch, batches, changed: this.now });
    return base;
  }

  #admit(partition: ModelPartition, { producerId, epoch }: Identity, client: boolean): string | undefined {
    const row = [...this.ids.values()].find((each) => each.producerId === producerId);
    if (row === undefined) return 'INVALID_PRODUCER_ID_MAPPING';
    if (row.epoch !== epoch) return 'INVALID_PRODUCER_EPOCH';
    if (client && !(row.state === 'Ongoing' && row.partitions.has(partition))) return 'INVALID_TXN_STATE';
    this.begin(row);
    row.partitions.add(partition);
    return undefined;
  }

  /** `me` is what the markers say; answers the refusal. */
  tryEnd(name: string, me: Identity, commit: boolean): string | undefined {
    const refusal = this.stranger(name, me);
    const row = this.ids.get(name);
    if (refusal !== undefined || row === undefined) return refusal;
    if (row.state === (commit ? 'CompleteCommit' : 'CompleteAbort')) return undefined;
    if (row.state !== 'Ongoing') return 'INVALID_TXN_STATE';
    this.end(name, me, commit);
    return undefined;
  }

  end(name: string, { producerId, epoch }: Identity, commit: boolean): void {
    const row = this.ids.get(name) as ModelId;
    row.transaction.fate = commit ? 'committed' : 'aborted';
    for (const partition of row.partitions) {
      if (!this.partitions.has(partition)) continue;
      const open = partition.open.get(producerId);
      partition.open.delete(producerId);
      const last = partition.end++;
      if (open !== undefined && !commit) partition.aborted.push({ first: open.first, last, producerId });
      const known = partition.producers.get(producerId);
      const batches = known !== undefined && known.epoch === epoch ? known.batches : [];
      partition.producers.set(producerId, { epoch, batches, changed: this.now });
    }
    if (commit) for (const [id, offset] of row.offsets) this.committed.idle.set(id, offset);
    row.partitions.clear();
    row.offsets.clear();
    const changed = {
      state: commit ? ('CompleteCommit' as const) : ('CompleteAbort' as const),
      changed: this.now,
      epoch,
    };
    this.ids.set(name, { ...row, ...changed, previous: epoch === row.epoch ? row.previous : null });
  }

  fence(name: string): void {
    const row = this.ids.get(name) as ModelId;
    this.end(name, { ...row, epoch: row.epoch + 1 }, false);
  }

  /** How many transactions are aborted. */
  sweep(isGone: (pid: number) => boolean): number {
    let aborted = 0;
    for (const [name, row] of [...this.ids]) {
      const open = row.state === 'Ongoing';
      const gone = row.pid !== null && isGone(row.pid);
      const expired = row.pid === null && !open && this.now - row.changed > 7 * DAY;
      const late = open && row.timeout !== null && this.now - row.started > row.timeout;
      const excluded = open && row.pid !== null && row.worksForMember && !this.memberIsHere;
      if (open && (gone || late || excluded)) aborted++;
      if (gone || expired) this.forget(name);
      else if (late || excluded) this.fence(name);
    }
    return aborted;
  }

  forget(name: string): void {
    const row = this.ids.get(name) as ModelId;
    if (row.state === 'Ongoing') this.end(name, row, false);
    this.ids.delete(name);
    for (const partition of this.partitions) partition.producers.delete(row.producerId);
  }

  expireProducers(): void {
    for (const { producers, open } of this.partitions)
      for (const [id, { changed }] of producers) if (this.now - changed > DAY && !open.has(id)) producers.delete(id);
  }
}

function same(a: Identity, b: Identity): boolean {
  return a.producerId === b.producerId && a.epoch === b.epoch;
}
