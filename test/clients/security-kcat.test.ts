/** kcat over SASL and TLS. */
import { spawnSync } from 'node:child_process';
import { describe, expect } from 'vitest';
import { hasOpenssl } from '../support/certificates.ts';
import { type Beck, it, numbered, unix } from '../support/e2e.ts';
import { expectPrincipal, SASL_WAYS, type Secured, secure, USER } from './secured.ts';

const version = spawnSync('kcat', ['-V'], { encoding: 'utf8' });
const canSecure = version.status === 0 && /sasl_scram/.test(version.stdout) && hasOpenssl;

async function kcat(
  beck: Beck,
  { broker }: Secured,
  settings: Readonly<Record<string, string>>,
  args: string[],
  stdin = '',
) {
  const given = Object.entries(settings).flatMap(([name, value]) => ['-X', `${name}=${value}`]);
  return beck.start('kcat', ['-b', broker, ...given, ...args], { stdin }).ended;
}

function saslOf(
  protocol: string,
  mechanism: string,
  { certificates: { ca } }: Secured,
  password: string = USER.password,
) {
  return {
    'security.protocol': protocol,
    'sasl.mechanism': mechanism,
    'sasl.username': USER.username,
    'sasl.password': password,
    ...(protocol === 'SASL_SSL' ? { 'ssl.ca.location': ca } : {}),
  };
}

const write = ['-P', '-t', 't'];
const read = ['-C', '-t', 't', '-e', '-q'];

describe.runIf(unix && canSecure)('kcat', () => {
  it.for(SASL_WAYS)('writes and reads over %s by %s', async ([protocol, mechanism], { beck }) => {
    const secured = await secure(beck, protocol);
    const settings = saslOf(protocol, mechanism, secured);
    const lines = numbered(100);
    const written = await kcat(beck, secured, settings, write, lines);
    expect([written.code, written.stderr]).toEqual([0, '']);
    expect((await kcat(beck, secured, settings, read)).stdout).toBe(lines);
    expectPrincipal(secured, 'User:alice');
  });

  it.for(SASL_WAYS)('is told of a wrong password over %s by %s', async ([protocol, mechanism], { beck }) => {
    const secured = await secure(beck, protocol);
    const { code, stderr } = await kcat(beck, secured, saslOf(protocol, mechanism, secured, 'wrong'), write, 'x\n');
    expect(code).toBe(1);
    expect(stderr).toContain(
      mechanism === 'PLAIN'
        ? 'Authentication failed: Invalid username or password'
        : `Authentication failed during authentication due to invalid credentials with SASL mechanism ${mechanism}`,
    );
    const why = mechanism === 'PLAIN' ? 'Authentication failed' : 'there is no such user, or the password is wrong';
    expect(secured.live.stderr).toContain(`cut off: it could not prove by ${mechanism} that it is "alice": ${why}`);
  });

  it('writes and reads over SSL, by a certificate where one is required', async ({ beck }) => {
    const secured = await secure(beck, 'SSL', true);
    const { ca, client } = secured.certificates;
    const settings = {
      'security.protocol': 'SSL',
      'ssl.ca.location': ca,
      'ssl.certificate.location': client.cert,
      'ssl.key.location': client.key,
    };
    await kcat(beck, secured, settings, write, 'x\n');
    expect((await kcat(beck, secured, settings, read)).stdout).toBe('x\n');
    expectPrincipal(secured, 'User:CN=alice,O=beck');
    const { code } = await kcat(beck, secured, { 'security.protocol': 'SSL', 'ssl.ca.location': ca }, write, 'x\n');
    expect(code).toBe(1);
  });

  it('does not come in without SASL, nor without TLS, and others do meanwhile', async ({ beck }) => {
    const secured = await secure(beck, 'SASL_SSL');
    const { ca } = secured.certificates;
    for (const [settings, line] of [
      [
        { 'security.protocol': 'SSL', 'ssl.ca.location': ca },
        /cut off: it asks for Metadata before it has said who it is/,
      ],
      [{ 'security.protocol': 'PLAINTEXT' }, /cut off: it does not speak TLS, and this listener does/],
    ] as const) {
      expect((await kcat(beck, secured, settings, write, 'x\n')).code).toBe(1);
      expect(secured.live.stderr).toMatch(line);
    }
    expect((await kcat(beck, secured, saslOf('SASL_SSL', 'PLAIN', secured), ['-L'])).code).toBe(0);
  });
});
