import { describe, expect, it } from 'vitest';
import { parseAddress, parseListener } from '../../../src/cli/serve/flags.ts';
import { type ServeFlags, servingOf } from '../../../src/cli/serve/serving.ts';
import { memoryIo } from '../memory-io.ts';

const FLAGS: ServeFlags = {
  nodes: 1,
  partitions: 1,
  'no-auto-create': false,
  'member-grace': '500ms',
  ephemeral: false,
  insecure: false,
  'allow-unsafe-fs': false,
};

function serving(flags: Partial<ServeFlags>, command: readonly string[] = []) {
  const { io } = memoryIo({ cwd: '/home/me', dataDir: '/data' });
  const log = { warn: () => undefined, note: () => undefined, isVerbose: false };
  return servingOf({ ...FLAGS, ...flags }, command, { io, log });
}

describe('an address', () => {
  it.each([
    ['127.0.0.1:9092', '127.0.0.1', 9092],
    ['localhost:0', 'localhost', 0],
    ['[::1]:65535', '::1', 65_535],
  ])('%s', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
  });

  it.each(['9092', ':9092', '127.0.0.1', '::1:9092', 'a:b', 'a:65536', ''])("'%s' is none", (text) => {
    expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('a listener', () => {
  it.each([
    ['127.0.0.1:9092', 'PLAINTEXT', '127.0.0.1'],
    ['PLAINTEXT://127.0.0.1:9092', 'PLAINTEXT', '127.0.0.1'],
    ['SASL_SSL://[::]:9092', 'SASL_SSL', '::'],
    ['sasl_plaintext://localhost:9092', 'SASL_PLAINTEXT', 'localhost'],
    ['SSL://0.0.0.0:9092', 'SSL', '0.0.0.0'],
  ])('%s', (text, protocol, host) => {
    expect(parseListener(text)).toEqual({ protocol, host, port: 9092 });
  });

  it.each(['TLS://localhost:1', 'SSL:localhost:1', 'SSL://', '://localhost:1', 'toString://localhost:1'])(
    "'%s' is none",
    (text) => {
      expect(() => parseListener(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );
});

describe('what TLS is configured with', () => {
  const pair = { 'tls-cert': 'cert.pem', 'tls-key': '/keys/key.pem' };

  it('files, from where one is; who names an authority wants certificates of clients', () => {
    expect(serving({}).options.tls).toBe(undefined);
    const tls = { cert: '/home/me/cert.pem', key: '/keys/key.pem', ca: null, clientAuth: 'none' };
    expect(serving(pair).options.tls).toEqual(tls);
    const required = { ...tls, ca: '/home/me/ca.pem', clientAuth: 'required' };
    expect(serving({ ...pair, 'tls-ca': 'ca.pem' }).options.tls).toEqual(required);
    const requested = serving({ ...pair, 'tls-ca': 'ca.pem', 'tls-client-auth': 'requested' });
    expect(requested.options.tls).toEqual({ ...required, clientAuth: 'requested' });
  });

  it.each([
    { 'tls-cert': 'a' },
    { 'tls-key': 'a' },
    { 'tls-ca': 'a' },
    { ...pair, 'tls-client-auth': 'required' as const },
  ])('%j is not enough', (flags) => {
    expect(() => serving(flags)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('what is listened on', () => {
  it('a Unix socket; TCP where it is asked for, or wanted by a command or by nodes', () => {
    const any = [{ host: '127.0.0.1', port: 0, protocol: 'PLAINTEXT' as const }];
    expect(serving({}).options).toMatchObject({ listen: [], socket: 'own' });
    expect(serving({}, ['npm', 'test']).options.listen).toEqual(any);
    expect(serving({ nodes: 3 }).options.listen).toEqual(any);
    const given = [{ host: '127.0.0.1', port: 9092, protocol: 'PLAINTEXT' as const }];
    expect(serving({ listen: given, nodes: 3 }, ['npm']).options.listen).toEqual(given);
    expect(serving({ socket: 'here.sock' }).options.socket).toBe('/home/me/here.sock');
  });
});

it('--ephemeral has a folder of its own, and so none that is named', () => {
  expect(serving({ ephemeral: true })).toMatchObject({ dataDir: null, options: { settings: { ephemeral: true } } });
  expect(() => serving({ ephemeral: true, 'data-dir': '/x' })).toThrow(expect.objectContaining({ code: 'USAGE' }));
  expect(serving({}).dataDir).toBe('/data');
});

it('--member-grace is a time, or off', () => {
  const grace = (text: string) => serving({ 'member-grace': text }).options.settings.memberGraceMs;
  expect([grace('500ms'), grace('2'), grace('0'), grace('off')]).toEqual([500, 2000, 0, null]);
  expect(() => grace('soon')).toThrow(expect.objectContaining({ code: 'USAGE' }));
});
