import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, lstatSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { BrokerError } from '../errors.ts';
import { makeFolder } from '../store/make-folder.ts';
import { type Listener, type OnConnection, openSocket } from './listener.ts';

/** What a path may have at most, in bytes: sun_path of unix(7) without its NUL; macOS has 104. */
export const PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/** Of the other names under which a socket lies for a moment. */
const SUFFIX_BYTES = 5;

export interface SocketListener extends Listener {
  readonly path: string;
}

/**
 * Listens on a Unix socket that only its owner may open (0600, in a folder that is made 0700 where it is missing). One that a
 * server left behind when it was killed is replaced; one that somebody answers on, and what is no socket, never is. Throws
 * SOCKET_UNAVAILABLE, `code` of its cause EADDRINUSE where somebody answers.
 */
export async function listenUnix(path: string, onConnection: OnConnection): Promise<SocketListener> {
  if (Buffer.byteLength(path) > PATH_BYTES - SUFFIX_BYTES) throw tooLong(path);
  makeFolder(dirname(path));
  // It gets its name when it is ready to be opened, and by a step that only one of two servers can take.
  const other = `${path}.${randomBytes(2).toString('hex')}`;
  const server = await openSocket(other, onConnection).catch((cause) => {
    throw unavailable(path, (cause as Error).message, cause);
  });
  try {
    chmodSync(other, 0o600);
    await takeName(other, path);
  } catch (error) {
    server.close();
    throw error;
  }
  const own = lstatSync(path).ino;
  rmSync(other, { force: true });
  return {
    path,
    close() {
      server.close();
      if (lstatSync(path, { throwIfNoEntry: false })?.ino === own) unlinkSync(path);
    },
  };
}

/** Only where two servers begin at the same moment it matters that the last step fails for one of them; so it is a link. */
async function takeName(other: string, path: string): Promise<void> {
  for (;;) {
    await clear(path);
    try {
      return linkSync(other, path);
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (NO_LINKS.has(code)) return renameSync(other, path);
      if (code !== 'EEXIST') throw unavailable(path, message, cause);
    }
  }
}

/** What a file system says that has no second names for sockets. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP']);

/** Takes away what a server left behind. It is looked at once more under another name: somebody may just have replaced it. */
async function clear(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw unavailable(path, 'something that is no socket lies there');
  await refuseLive(path, path);
  const aside = `${path}.${randomBytes(2).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    await refuseLive(aside, path);
  } catch (error) {
    renameSync(aside, path);
    throw error;
  }
  unlinkSync(aside);
}

async function refuseLive(at: string, path: string): Promise<void> {
  const answer = await dial(at);
  if (answer === 'ECONNREFUSED' || answer === 'ENOENT') return;
  const cause = Object.assign(new Error(answer ?? 'it answers'), { code: 'EADDRINUSE' });
  throw unavailable(path, 'another server answers there', cause);
}

/** The error of an attempt to connect; undefined: somebody took it. */
function dial(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

function tooLong(path: string): BrokerError {
  const problem = `its path has ${Buffer.byteLength(path)} bytes, over the ${PATH_BYTES - SUFFIX_BYTES} that fit`;
  return new BrokerError('SOCKET_UNAVAILABLE', { path, problem, hint: '--socket names a shorter one' });
}

function unavailable(path: string, problem: string, cause?: unknown): BrokerError {
  return new BrokerError('SOCKET_UNAVAILABLE', { path, problem }, { cause });
}
