import { BrokerError } from '../../errors.ts';
import { canAsk, type Io } from '../io.ts';

/** Bytes of the longest password that is read. */
const MOST = 4096;

/**
 * The password of a user: asked for twice on a terminal, else the one line of stdin. Never an argument, which others could read in
 * the list of processes. Throws USAGE, INVALID_INPUT, INTERRUPTED.
 */
export async function readPassword(user: string, io: Io, signal: AbortSignal): Promise<string> {
  if (!io.stdin.isTTY) return lineOf(await readStdin(io));
  if (!canAsk(io))
    throw new BrokerError('USAGE', {
      problem: 'there is no terminal to ask for a password on',
      hint: 'it may be one line on stdin',
    });
  const password = await io.prompter.password(`Password of ${user}`, signal);
  if ((await io.prompter.password('Once more', signal)) === password) return password;
  throw new BrokerError('USAGE', { problem: 'that was another password', hint: 'nothing was changed' });
}

async function readStdin(io: Io): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of io.stdin.stream()) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > MOST) throw refused(`a password has ${MOST} bytes at most`);
  }
  return Buffer.concat(chunks);
}

function lineOf(input: Buffer): string {
  const text = input.toString();
  if (!Buffer.from(text).equals(input)) throw refused('the password is not UTF-8');
  const line = text.replace(/\r?\n$/, '');
  if (line === '')
    throw new BrokerError('USAGE', {
      problem: 'there is no password on stdin',
      hint: 'it is one line; on a terminal it is asked for',
    });
  if (/[\r\n]/.test(line)) throw refused('the password is one line, and here are more');
  return line;
}

function refused(problem: string): BrokerError {
  return new BrokerError('INVALID_INPUT', { where: 'stdin', problem });
}
