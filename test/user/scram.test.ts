import { pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AuthenticationRefused } from '../../src/user/authentication.ts';
import { type Credential, credentialOf, decoyCredential } from '../../src/user/credential.ts';
import { MECHANISM_NAMES, type MechanismName, mechanismNamed } from '../../src/user/mechanism.ts';
import { Scram } from '../../src/user/scram.ts';
import { clientFinal, clientFirst } from '../support/scram-client.ts';

function credential(mechanism: MechanismName, password: string, salt = Buffer.from('salt of some length')): Credential {
  const { keyBytes, hash } = mechanismNamed(mechanism);
  return credentialOf({
    mechanism,
    salt,
    iterations: 4096,
    saltedPassword: pbkdf2Sync(password, salt, 4096, keyBytes, hash),
  });
}

function refusal(fn: () => unknown): AuthenticationRefused {
  try {
    fn();
  } catch (error) {
    if (error instanceof AuthenticationRefused) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

it('the exchange of RFC 7677, word by word', () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  const asked: string[] = [];
  const scram = new Scram('%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0', (user) => {
    asked.push(user);
    return credential('SCRAM-SHA-256', 'pencil', salt);
  });
  const challenge = scram.next(Buffer.from('n,,n=user,r=rOprNGfwEbeRWgbNEkqO'));
  expect(String(challenge)).toBe(
    'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  );
  expect(scram.user).toBe(null);
  const final =
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=';
  expect(String(scram.next(Buffer.from(final)))).toBe('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
  expect([scram.user, asked]).toEqual(['user', ['user']]);
});

describe.each(MECHANISM_NAMES)('%s', (mechanism) => {
  const scram = () => new Scram('ours', () => credential(mechanism, 'pencil'));

  it.each(['alice', 'a,b=c', '=2C', 'Jürgen', 'CN=x,O=y', 'ﬁ'])('%s comes in with the right password', (user) => {
    const server = scram();
    const client = { mechanism, user, password: 'pencil' };
    const { token, verifier } = clientFinal(client, server.next(clientFirst(client).token));
    expect(String(server.next(token))).toBe(verifier);
    expect(server.user).toBe(user);
  });

  it.each([
    { header: 'y,,' },
    { header: 'n,a=alice,' },
    { extensions: ',x=1,trace=yes' },
    { extensions: ',tokenauth=false' },
  ])('%j changes nothing', (more) => {
    const server = scram();
    const client = { mechanism, user: 'alice', password: 'pencil', ...more };
    const { token, verifier } = clientFinal(client, server.next(clientFirst(client).token));
    expect(String(server.next(token))).toBe(verifier);
  });

  it('U3: a wrong password and a user that does not exist are refused alike, and nothing of why is told', () => {
    const client = { mechanism, user: 'alice', password: 'pencils' };
    const decoys = new Scram('ours', (user) => decoyCredential(mechanism, user, Buffer.from('secret')));
    for (const server of [scram(), decoys]) {
      const { token } = clientFinal(client, server.next(clientFirst(client).token));
      expect(refusal(() => server.next(token))).toMatchObject({ user: 'alice', told: null });
      expect(server.user).toBe(null);
    }
  });

  it('final words of librdkafka before 2.6.1, which says its nonce twice, are taken', () => {
    const server = scram();
    const client = { mechanism, user: 'alice', password: 'pencil' };
    const nonce = 'fyko+d2lbbFgONRv9qkxdawLfyko+d2lbbFgONRv9qkxdawLours';
    const { token, verifier } = clientFinal(client, server.next(clientFirst(client).token), { nonce });
    expect(String(server.next(token))).toBe(verifier);
  });

  it.each([{ nonce: 'xfyko+d2lbbFgONRv9qkxdawLours' }, { nonce: 'fyko+d2lbbFgONRv9qkxdawLother' }, { header: 'y,,' }])(
    'final words with %j are refused',
    (change) => {
      const server = scram();
      const client = { mechanism, user: 'alice', password: 'pencil' };
      const { token } = clientFinal(client, server.next(clientFirst(client).token), change);
      expect(refusal(() => server.next(token))).toMatchObject({ user: 'alice', told: null });
    },
  );

  it.each(['', 'c=biws,r=x', 'c=biws,r=x,p=', 'c=biws,r=fyko+d2lbbFgONRv9qkxdawLours,p=AAAA', 'p=AAAA'])(
    "final words '%s' are refused",
    (words) => {
      const server = scram();
      server.next(clientFirst({ user: 'alice' }).token);
      expect(refusal(() => server.next(Buffer.from(words))).told).toBe(null);
    },
  );
});

it.each([
  '',
  'n=alice,r=x',
  'p=tls-unique,,n=alice,r=x',
  'z,,n=alice,r=x',
  'n,,m=must,n=alice,r=x',
  'n,,n=,r=x',
  'n,,n=a=b,r=x',
  'n,,n=a=2c,r=x',
  'n,,n=alice,r=',
  'n,,n=alice,r=a b',
  'n,,n=al\0ice,r=x',
  'n,,n=alice,r=x,',
])("first words '%s' are refused", (words) => {
  const server = new Scram('ours', () => credential('SCRAM-SHA-256', 'pencil'));
  expect(refusal(() => server.next(Buffer.from(words))).told).toBe(null);
});

it('bytes that are not UTF-8 are refused', () => {
  const token = Buffer.concat([Buffer.from('n,,n=al'), Buffer.from([0xc3]), Buffer.from(',r=x')]);
  expect(refusal(() => new Scram('ours', () => credential('SCRAM-SHA-256', 'x')).next(token)).told).toBe(null);
});

it('another identity than one’s own is refused, and that is told; delegation tokens are none', () => {
  const server = () => new Scram('ours', () => credential('SCRAM-SHA-256', 'pencil'));
  expect(refusal(() => server().next(Buffer.from('n,a=bob,n=alice,r=x'))).told).toBe(
    'Authentication failed: Client requested an authorization id that is different from username',
  );
  expect(refusal(() => server().next(clientFirst({ user: 'alice', extensions: ',tokenauth=true' }).token)).told).toBe(
    null,
  );
});
