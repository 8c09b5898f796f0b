import { join } from 'node:path';
import { expect, it } from 'vitest';
import { beck } from '../cli/memory-io.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Ends at once where it would serve. */
function serve(...words: string[]): ReturnType<typeof beck> {
  return beck(['serve', ...words], { dataDir: tempDir(), interrupt: AbortSignal.abort() });
}

it.each([
  [['--listen', '0.0.0.0:0'], 'on 0.0.0.0:0 any machine that reaches this one could read and write (USAGE)'],
  [
    ['--listen', 'SASL_PLAINTEXT://0.0.0.0:0'],
    'on 0.0.0.0:0 any machine that reaches this one could read along (USAGE)',
  ],
])('%j is refused, and what would be right is said', async (words, problem) => {
  const { code, stdout, stderr } = await serve(...words);
  const [first, hint] = stderr.split('\n');
  expect([code, stdout, first]).toEqual([2, '', problem]);
  expect(hint).toMatch(
    /^--listen SASL_SSL:\/\/.* with --tls-cert and --tls-key asks who they are \(`beck user add`\); --insecure/,
  );
  expect((await serve(...words, '--insecure')).code).toBe(0);
});

it.each([
  [['--listen', 'SSL://127.0.0.1:0'], 'SSL wants a certificate'],
  [['--tls-cert', 'a', '--listen', 'SSL://127.0.0.1:0'], 'a server that speaks TLS has a certificate and its key'],
  [['--tls-cert', 'a', '--tls-key', 'b'], 'there is a certificate, and no listener that speaks TLS'],
  [['--tls-client-auth', 'required'], '--tls-client-auth wants --tls-ca'],
  [['--listen', 'TLS://127.0.0.1:0'], "'TLS' is no protocol of a listener"],
])('%j is wrong usage', async (words, problem) => {
  const { code, stderr } = await serve(...words);
  expect([code, stderr.split('\n')[0]]).toEqual([2, `${problem} (USAGE)`]);
});

it('a certificate that is not there is exit 3', async () => {
  const cert = join(tempDir(), 'server.pem');
  const { code, stderr } = await serve('--listen', 'SSL://127.0.0.1:0', '--tls-cert', cert, '--tls-key', cert);
  expect([code, stderr]).toEqual([3, `cannot read ${cert}: there is no such file (INPUT_UNREADABLE)\n`]);
});

it('a listener of SASL without users is said to let nobody in', async () => {
  const { code, stderr } = await serve('--listen', 'SASL_PLAINTEXT://127.0.0.1:0');
  expect([code, stderr]).toEqual([0, 'SASL lets nobody in yet: `beck user add NAME` makes a user\n']);
});
