import { constants, fstatSync, read } from 'node:fs';
import { access, type FileHandle, open, stat } from 'node:fs/promises';
import { BrokerError } from '../../errors.ts';
import { liveChunks } from './live-chunks.ts';
import { readyChunks } from './ready-chunks.ts';

/** A piece of an input. */
export interface InputChunk {
  /** At most 1 MiB; the memory is used again after the next step of the iteration. Empty at an input's end. */
  readonly chunk: Buffer;
  /** Nothing more is ready: what has been given so far should be stored now. Never true of files, which have no pauses. */
  readonly idle: boolean;
  /** The input is over: `parser.end()`. */
  readonly end: boolean;
  /** The FILE as it was named, or `stdin`. */
  readonly input: string;
}

export interface SourceOptions {
  /** Ends the iteration, quietly, when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

const CHUNK_BYTES = 1024 * 1024;
const NOTHING = Buffer.alloc(0);
const STDIN = '-';

/**
 * The FILEs, or stdin where there is none or one is `-`, in their order. All are looked at before the first is read.
 * @throws BrokerError INPUT_UNREADABLE of a FILE that is missing, may not be read or is a directory; later, when reading fails
 */
export async function openSources(
  files: readonly string[],
  options: SourceOptions = {},
): Promise<AsyncIterable<InputChunk>> {
  for (const file of files) await checkReadable(file);
  return chunksOf(files.length === 0 ? [STDIN] : files, options.signal);
}

async function checkReadable(file: string): Promise<void> {
  if (file === STDIN) return;
  const found = await stat(file).catch((error) => Promise.reject(unreadable(file, error)));
  if (found.isDirectory()) throw unreadable(file, 'it is a directory');
  await access(file, constants.R_OK).catch((error) => Promise.reject(unreadable(file, error)));
}

async function* chunksOf(files: readonly string[], signal: AbortSignal | undefined): AsyncGenerator<InputChunk> {
  const buffers: Buffer[] = [];
  let stdinRead = false;
  for (const file of files) {
    if (signal?.aborted) return;
    const input = file === STDIN ? 'stdin' : file;
    if (file !== STDIN) yield* fileChunks(file, input, buffers, signal);
    else if (!stdinRead) yield* stdinChunks(input, buffers, signal);
    stdinRead ||= file === STDIN;
    if (!signal?.aborted) yield { chunk: NOTHING, idle: false, end: true, input };
  }
}

async function* fileChunks(
  file: string,
  input: string,
  buffers: Buffer[],
  signal: AbortSignal | undefined,
): AsyncGenerator<InputChunk> {
  const handle = await open(file, 'r').catch((error) => Promise.reject(unreadable(input, error)));
  try {
    if ((await handle.stat()).isFile())
      yield* regularChunks((buffer) => readInto(handle, buffer), input, buffers, signal);
    else yield* liveChunks(handle.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false }), input, signal);
  } catch (error) {
    throw unreadable(input, error);
  } finally {
    // A read of a named pipe ends when its writer does; after an abort nobody waits for that.
    const closed = handle.close().catch(() => {});
    if (!signal?.aborted) await closed;
  }
}

/** Whatever stands behind descriptor 0. A closed one is empty: Node has opened the null device in its place. */
async function* stdinChunks(
  input: string,
  buffers: Buffer[],
  signal: AbortSignal | undefined,
): AsyncGenerator<InputChunk> {
  const kind = stdinKind();
  if (kind === 'closed') return;
  if (kind === 'directory') throw unreadable(input, 'it is a directory');
  try {
    if (kind === 'file') yield* fileOnStdin(input, buffers, signal);
    else if (!(yield* readyChunks(input, signal))) yield* liveChunks(process.stdin, input, signal);
  } catch (error) {
    throw unreadable(input, error);
  }
}

function fileOnStdin(input: string, buffers: Buffer[], signal: AbortSignal | undefined): AsyncGenerator<InputChunk> {
  const readStdin = (buffer: Buffer): Promise<number> => {
    return new Promise((resolve, reject) =>
      read(0, buffer, 0, buffer.length, null, (error, count) => (error ? reject(error) : resolve(count))),
    );
  };
  return regularChunks(readStdin, input, buffers, signal);
}

function stdinKind(): 'file' | 'directory' | 'live' | 'closed' {
  try {
    const found = fstatSync(0);
    if (found.isDirectory()) return 'directory';
    return found.isFile() ? 'file' : 'live';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EBADF' ? 'closed' : 'live';
  }
}

async function readInto(handle: FileHandle, buffer: Buffer): Promise<number> {
  return (await handle.read(buffer, 0, buffer.length, null)).bytesRead;
}

/** Reads ahead by one chunk, in two buffers that serve all inputs of a run. */
async function* regularChunks(
  read: (buffer: Buffer) => Promise<number>,
  input: string,
  buffers: Buffer[],
  signal: AbortSignal | undefined,
): AsyncGenerator<InputChunk> {
  for (let i = buffers.length; i < 2; i++) buffers.push(Buffer.allocUnsafeSlow(CHUNK_BYTES));
  let [current, other] = buffers as [Buffer, Buffer];
  let coming = read(current);
  try {
    for (let length = await coming; length > 0 && !signal?.aborted; length = await coming) {
      const chunk = current.subarray(0, length);
      [current, other] = [other, current];
      coming = read(current);
      coming.catch(() => {}); // awaited in the next round, or below
      yield { chunk, idle: false, end: false, input };
    }
  } finally {
    await coming.catch(() => {});
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a folder of its path is a file',
};

/** The error of a FILE that cannot be read, in words. */
export function unreadable(file: string, cause: unknown): BrokerError {
  if (cause instanceof BrokerError) return cause;
  if (typeof cause === 'string') return new BrokerError('INPUT_UNREADABLE', { file, problem: cause });
  const { code, message } = cause as NodeJS.ErrnoException;
  return new BrokerError('INPUT_UNREADABLE', { file, problem: PROBLEMS[code ?? ''] ?? message }, { cause });
}
