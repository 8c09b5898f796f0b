import { resolve } from 'node:path';
import { locateDataDir } from '../../data-dir.ts';
import { BrokerError } from '../../errors.ts';
import type { Address, ServerLog } from '../../server/server.ts';
import { parseDuration } from '../durations.ts';
import type { Io } from '../io.ts';
import type { Serving } from './run-serve.ts';

/** The flags of `beck serve` as they are parsed. */
export interface ServeFlags {
  readonly listen?: readonly Address[] | undefined;
  readonly socket?: string | undefined;
  readonly advertise?: Address | undefined;
  readonly nodes: number;
  readonly partitions: number;
  readonly 'no-auto-create': boolean;
  readonly 'member-grace': string;
  readonly ephemeral: boolean;
  readonly 'ready-file'?: string | undefined;
  readonly insecure: boolean;
  readonly 'data-dir'?: string | undefined;
  readonly 'allow-unsafe-fs': boolean;
}

/** Any free port of this machine. */
const ANY_PORT: Address = { host: '127.0.0.1', port: 0 };

/** What flags mean. A command beside the server, and several nodes, want TCP. Throws USAGE. */
export function servingOf(
  flags: ServeFlags,
  command: readonly string[],
  { io, log }: { readonly io: Io; readonly log: ServerLog },
): Pick<Serving, 'dataDir' | 'options' | 'readyFile' | 'command'> {
  const { listen = [], nodes, 'data-dir': asked } = flags;
  if (flags.ephemeral && asked !== undefined)
    throw new BrokerError('USAGE', {
      problem: '--ephemeral does not go with --data-dir',
      hint: 'leave out one of them',
    });
  const wantsTcp = listen.length === 0 && (command.length > 0 || nodes > 1);
  return {
    dataDir: flags.ephemeral ? null : locateDataDir(asked, io),
    readyFile: flags['ready-file'] === undefined ? undefined : resolve(io.cwd, flags['ready-file']),
    command,
    options: {
      env: io.env,
      allowUnsafeFs: flags['allow-unsafe-fs'],
      listen: wantsTcp ? [ANY_PORT] : listen,
      socket: flags.socket === undefined ? ownSocket() : resolve(io.cwd, flags.socket),
      nodes,
      insecure: flags.insecure,
      advertise: flags.advertise,
      settings: {
        autoCreateTopics: !flags['no-auto-create'],
        numPartitions: flags.partitions,
        ephemeral: flags.ephemeral,
        memberGraceMs: flags['member-grace'] === 'off' ? null : parseDuration(flags['member-grace']),
      },
      log,
    },
  };
}

/** Windows has no Unix sockets that Node could listen on. */
function ownSocket(): 'own' | null {
  return process.platform === 'win32' ? null : 'own';
}
