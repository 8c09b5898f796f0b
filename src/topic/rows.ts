import type { Statement, Store } from '../store/store.ts';

export interface TopicRow {
  readonly id: number;
  readonly uuid: Buffer;
  readonly name: string;
  /** ms */
  readonly created: number;
}

export interface PartitionId {
  readonly id: number;
  readonly number: number;
}

const SQL = {
  all: 'SELECT id, uuid, name, created FROM topic ORDER BY name',
  names: 'SELECT name FROM topic ORDER BY name',
  byName: 'SELECT id, uuid, name, created FROM topic WHERE name = ?',
  byUuid: 'SELECT id, uuid, name, created FROM topic WHERE uuid = ?',
  colliding: `SELECT name FROM topic WHERE replace(name, '.', '_') = ? LIMIT 1`,
  insert: 'INSERT INTO topic (uuid, name, created) VALUES (?, ?, ?)',
  remove: 'DELETE FROM topic WHERE id = ?',
  configs: 'SELECT name, value FROM topic_config WHERE topic = ? ORDER BY name',
  addConfig: 'INSERT INTO topic_config (topic, name, value) VALUES (?, ?, ?)',
  removeConfigs: 'DELETE FROM topic_config WHERE topic = ?',
  partitions: 'SELECT id, number FROM partition WHERE topic = ? ORDER BY number',
  addPartitions: `WITH RECURSIVE next (number) AS (SELECT ? UNION ALL SELECT number + 1 FROM next WHERE number + 1 < ?)
    INSERT INTO partition (topic, number) SELECT ?, number FROM next`,
  version: 'SELECT version FROM catalogue',
  cluster: 'SELECT cluster FROM catalogue',
  bump: 'UPDATE catalogue SET version = version + 1',
  removePartitions: 'DELETE FROM partition WHERE topic = ?',
} as const;

/**
 * The SQL of topics. Each method is one statement, meant to run inside the caller's `store.read` or `store.write`; nothing here
 * decides anything.
 */
export class TopicRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  #sql(name: keyof typeof SQL): Statement {
    return this.#store.prepare(SQL[name]);
  }

  all(): TopicRow[] {
    return this.#sql('all').all() as TopicRow[];
  }

  names(): string[] {
    return (this.#sql('names').all() as { name: string }[]).map((row) => row.name);
  }

  byName(name: string): TopicRow | undefined {
    return this.#sql('byName').get(name) as TopicRow | undefined;
  }

  byUuid(uuid: Buffer): TopicRow | undefined {
    return this.#sql('byUuid').get(uuid) as TopicRow | undefined;
  }

  /** A topic whose name is `key` when each `.` in it is read as `_`. */
  colliding(key: string): string | undefined {
    return (this.#sql('colliding').get(key) as { name: string } | undefined)?.name;
  }

  insert(uuid: Buffer, name: string, created: number): number {
    return Number(this.#sql('insert').run(uuid, name, created).lastInsertRowid);
  }

  remove(topic: number): void {
    for (const name of ['removePartitions', 'removeConfigs', 'remove'] as const) this.#sql(name).run(topic);
  }

  configs(topic: number): Map<string, string> {
    const rows = this.#sql('configs').all(topic) as { name: string; value: string }[];
    return new Map(rows.map((row) => [row.name, row.value]));
  }

  setConfigs(topic: number, configs: ReadonlyMap<string, string>): void {
    this.#sql('removeConfigs').run(topic);
    for (const [name, value] of configs) this.#sql('addConfig').run(topic, name, value);
  }

  partitions(topic: number): PartitionId[] {
    return this.#sql('partitions').all(topic) as PartitionId[];
  }

  /** Partitions `from` up to, without, `until`; at least one. */
  addPartitions(topic: number, from: number, until: number): void {
    this.#sql('addPartitions').run(from, until, topic);
  }

  version(): number {
    return (this.#sql('version').get() as { version: number }).version;
  }

  cluster(): Buffer {
    return (this.#sql('cluster').get() as { cluster: Buffer }).cluster;
  }

  bump(): void {
    this.#sql('bump').run();
  }
}
