import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/cli/serve/flags.ts';
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

describe('what is listened on', () => {
  it('a Unix socket; TCP where it is asked for, or wanted by a command or by nodes', () => {
    const any = [{ host: '127.0.0.1', port: 0 }];
    expect(serving({}).options).toMatchObject({ listen: [], socket: 'own' });
    expect(serving({}, ['npm', 'test']).options.listen).toEqual(any);
    expect(serving({ nodes: 3 }).options.listen).toEqual(any);
    const given = [{ host: '127.0.0.1', port: 9092 }];
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
