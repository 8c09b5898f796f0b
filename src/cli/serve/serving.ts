import { resolve } from 'node:path';
import { answerCalls } from '../../client/calls/answer-calls.ts';
import { locateDataDir } from '../../data-dir.ts';
import { BrokerError } from '../../errors.ts';
import type { Address, ListenAddress, ServerLog, TlsFiles } from '../../server/server.ts';
import { parseDuration } from '../durations.ts';
import type { Io } from '../io.ts';
import type { Serving } from './run-serve.ts';

/** The flags of `beck serve` as they are parsed. */
export interface ServeFlags {
  readonly listen?: readonly ListenAddress[] | undefined;
  readonly 'tls-cert'?: string | undefined;
  readonly 'tls-key'?: string | undefined;
  readonly 'tls-ca'?: string | undefined;
  readonly 'tls-client-auth'?: 'required' | 'requested' | undefined;
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
const ANY_PORT: ListenAddress = { host: '127.0.0.1', port: 0, protocol: 'PLAINTEXT' };

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
      tls: tlsOf(flags, io),
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
      calls: answerCalls,
    },
  };
}

/** Windows has no Unix sockets that Node could listen on. */
function ownSocket(): 'own' | null {
  return process.platform === 'win32' ? null : 'own';
}

/** Undefined where no certificate is named. Throws USAGE. */
function tlsOf(flags: ServeFlags, { cwd }: Io): TlsFiles | undefined {
  const { 'tls-cert': cert, 'tls-key': key, 'tls-ca': ca, 'tls-client-auth': asked } = flags;
  if (asked !== undefined && ca === undefined)
    throw new BrokerError('USAGE', {
      problem: '--tls-client-auth wants --tls-ca',
      hint: 'a file in PEM of who signs certificates of clients',
    });
  if (cert !== undefined && key !== undefined) {
    const clientAuth = ca === undefined ? 'none' : (asked ?? 'required');
    return {
      cert: resolve(cwd, cert),
      key: resolve(cwd, key),
      ca: ca === undefined ? null : resolve(cwd, ca),
      clientAuth,
    };
  }
  if (cert === undefined && key === undefined && ca === undefined) return undefined;
  throw new BrokerError('USAGE', {
    problem: 'a server that speaks TLS has a certificate and its key',
    hint: '--tls-cert and --tls-key name them',
  });
}
