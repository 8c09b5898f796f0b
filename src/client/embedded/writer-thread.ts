import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Broker } from '../../broker/broker.ts';
import { BrokerError } from '../../errors.ts';
import type { Appended } from '../../log/log.ts';
import { COMMIT_BYTES } from '../../settings.ts';
import type { CarriedError, ThreadAnswer, ThreadOutcome, ThreadRequest, ThreadStart } from './thread-writer.ts';

/**
 * The thread that writes (the other side of ThreadWriter): takes what has arrived, commits it at once, answers each request
 * in its order. After a failure it stores nothing more, so that what is stored is always a beginning of the input.
 */
const port = parentPort as MessagePort;
const start = workerData as ThreadStart;
let failed: CarriedError | undefined;
const broker = open();

port.on('message', (first: ThreadRequest | null) => {
  if (first === null) {
    broker?.close();
    port.close();
    return;
  }
  const requests = gather(first);
  for (const [i, outcome] of store(requests).entries()) answer(requests[i] as ThreadRequest, outcome);
});

function open(): Broker | undefined {
  try {
    return Broker.open(start.dir, 'existing');
  } catch (error) {
    failed = carry(error);
    return undefined;
  }
}

/** The request and those already behind it, up to one commit's worth. */
function gather(first: ThreadRequest): ThreadRequest[] {
  const requests = [first];
  let bytes = size(first);
  while (bytes < COMMIT_BYTES) {
    const next = receiveMessageOnPort(port) as { message: ThreadRequest | null } | undefined;
    if (next === undefined) break;
    if (next.message === null) {
      port.emit('message', null);
      break;
    }
    requests.push(next.message);
    bytes += size(next.message);
  }
  return requests;
}

function size({ batches }: ThreadRequest): number {
  return batches.reduce((sum, { blob }) => sum + blob.length, 0);
}

function store(requests: readonly ThreadRequest[]): ThreadOutcome[] {
  if (broker !== undefined && failed === undefined) {
    try {
      return commit(broker, requests);
    } catch (error) {
      failed = carry(error);
    }
  }
  const outcome = { failed: failed ?? carry(new Error('the broker is closed')) };
  return requests.map(() => outcome);
}

function commit(broker: Broker, requests: readonly ThreadRequest[]): ThreadOutcome[] {
  const batches = requests.flatMap((request) =>
    request.batches.map(({ partition, blob }) => ({ partition, blob: asBuffer(blob) })),
  );
  const results = broker.append(start.topic, batches, 'producer', start.durability).map(resultOf);
  let at = 0;
  return requests.map(({ batches: own }) => {
    at += own.length;
    return { results: results.slice(at - own.length, at) };
  });
}

function answer({ batches }: ThreadRequest, outcome: ThreadOutcome): void {
  const blocks = batches.map(({ blob }) => blob.buffer as ArrayBuffer);
  port.postMessage({ ...outcome, blocks } satisfies ThreadAnswer, blocks);
}

function resultOf(result: Appended | BrokerError): { appended: Appended } | { refused: CarriedError } {
  return result instanceof BrokerError ? { refused: carry(result) } : { appended: result };
}

function carry(error: unknown): CarriedError {
  if (error instanceof BrokerError) return { code: error.code, details: error.details };
  return { code: 'BUG', details: { problem: error instanceof Error ? (error.stack ?? error.message) : String(error) } };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
