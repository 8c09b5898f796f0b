/**
 * `node produce-file.mjs DATA_DIR FILE plain|idempotent`: the lines of a file into topic `t` as `beck produce` stores them, with
 * producer ids and sequences or without; no flag of `beck produce` asks for them.
 */
import { openInput } from '../src/cli/input/index.ts';
import { openSources } from '../src/cli/input/sources.ts';
import { produceAll } from '../src/cli/produce/session.ts';
import { openCluster } from '../src/client/open.ts';

const LINES = {
  topic: 't',
  delimiter: Buffer.from('\n'),
  keyDelimiter: null,
  key: null,
  headers: [],
  timestamp: undefined,
  partition: undefined,
  nullValue: null,
  tombstone: false,
  whole: false,
  skip: 0,
  crlf: false,
};

const [, , dataDir, file, how] = process.argv as [string, string, string, string, string];
const { signal } = new AbortController();
const cluster = await openCluster({ dataDir, allowUnsafeFs: false, cwd: '/', env: {}, signal, mode: 'existing' });
const producer = await cluster.produce({ topic: 't', acks: 'all', codec: 'none', idempotent: how === 'idempotent' });
const parser = openInput('value', { ...LINES, maxRecordBytes: producer.maxRecordBytes }, producer);
await produceAll(await openSources([file]), parser, producer);
await cluster.close();
